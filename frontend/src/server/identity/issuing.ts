import { AsyncLocalStorage } from "node:async_hooks";
import type { ResolvedSigningKey } from "better-auth/plugins";
import type { ClientKind } from "better-auth-revocation/composition";
import type { Rights } from "#server/revocation/token-state.ts";

export type PublicUser = { id: string; email: string; name: string };

/** What a sign-up or sign-in gives besides the session's cookies. */
export type Issued = {
  user: PublicUser;
  accessToken: string;
  /** Seconds that the token lives. */
  expiresIn: number;
  /** The secret of the session behind it. */
  sessionToken: string;
};

/** A sign-up or sign-in that ends in a token, from the request to the answer. */
export type Issuing = {
  form: "sign-up" | "sign-in";
  kind: ClientKind;
  /** Input that was found good; it is not looked at twice. */
  input: { email: string; password: string; name?: string; rememberMe?: boolean | undefined };
  /** Loaded before any work. */
  key?: ResolvedSigningKey;
  /** Version, role and earliest time of issue, read before the session is opened. */
  rights?: Rights;
  issued?: Issued;
  /** The client's own name for this request (Idempotency-Key), and what is decided of its token beforehand. */
  idempotency?: { key: string; reserved?: { iat: number; jti: string } };
};

const current = new AsyncLocalStorage<Issuing>();

/** Runs `work`, a call of Better Auth's handler, as this sign-up or sign-in. */
export const whileIssuing = <T>(issuing: Issuing, work: () => Promise<T>): Promise<T> =>
  current.run(issuing, work);

export const currentIssuing = (): Issuing | undefined => current.getStore();

/** Whether this request has checked this very value already. */
export const isChecked = (field: "email" | "password" | "name", value: unknown): boolean =>
  value !== undefined && currentIssuing()?.input[field] === value;
