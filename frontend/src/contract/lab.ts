import type { AccessTokenClaims } from "#contract/claims.ts";

/** How a token can be revoked: by what a person does, what an administrator does, or plain SQL. */
export const WAYS = ["sign-out", "ban", "role", "password", "sql"] as const;
export type Way = (typeof WAYS)[number];

/** What a process answered. `microseconds`: how long the verification took. `staleness`: seconds since its view of the
 * revocations was known to be complete. `status` 0: it did not answer. */
export type Answer = {
  status: number;
  code?: string;
  microseconds?: number;
  following?: boolean;
  staleness?: number | null;
};

/** A token without its signature: what may be shown. */
export type Decoded = { header: { alg: string; kid: string }; claims: AccessTokenClaims };

/** When things happened by the database's clock, in milliseconds since Revoke was pressed. `committed` is known where the
 * database keeps it (track_commit_timestamp); an acknowledgement that has not come is null. */
export type DatabaseRecord = {
  written: number;
  committed: number | null;
  acknowledged: (number | null)[];
};

/** The outcome of a revocation. `refused`: milliseconds to each process's first refusal by the server's clock, null for
 * one that has not refused. `remaining`: seconds that the token had left. */
export type Revocation = {
  way: Way;
  refused: (number | null)[];
  remaining: number;
  record: DatabaseRecord | null;
};

/** What is known of the services around. */
export type Health = {
  identityProvider: "ok" | "down";
  api: "ok" | "not ready" | "down";
  keys: { kid: string; alg: string }[];
};

/** The lab as it is at one moment; sent first, and whenever it changes. `bound`: the seconds after which a process that
 * hears nothing answers 503. */
export type LabState = {
  phase: "issuing" | "accepted" | "revoking" | "revoked";
  token: Decoded | null;
  revocation: Revocation | null;
  following: boolean[];
  bound: number;
  health: Health | null;
};

/** `process` counts from 0; the ordinary check is the one after the last. */
export type LabEvent =
  | { type: "state"; state: LabState }
  | { type: "answers"; answers: [process: number, answer: Answer][] }
  | { type: "ended"; reason: "idle" | "over" };
