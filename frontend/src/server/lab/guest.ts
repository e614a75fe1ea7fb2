import { randomBytes, randomUUID } from "node:crypto";
import { mintingWith } from "better-auth-revocation/composition";
import { decodeJwt, decodeProtectedHeader } from "jose";
import type { AccessTokenClaims } from "#contract/claims.ts";
import type { Decoded } from "#contract/lab.ts";
import { database } from "#server/database.ts";
import { env } from "#server/env.ts";
import { startSession } from "#server/identity/credentials.ts";

/** No mail can ever be sent there (RFC 2606, section 2). */
const DOMAIN = "lab.invalid";

/** A throw-away account with its session and its token, none of which leaves the server. */
export type Guest = {
  id: string;
  password: string;
  /** The Cookie header of its session. */
  cookie: string;
  token: string;
  decoded: Decoded;
  /** Where its visitor comes from, for the limits per address. */
  address: string;
};

/** The audience of the lab's tokens; its processes derive the same from the issuer. */
export const labAudience = (): string => `${env().BETTER_AUTH_URL}/lab`;

/** Signs a guest up through the identity provider's own door, limits included; else its refusal. */
export async function signUpGuest(address: string): Promise<Guest | Response> {
  const password = `Aa1-${randomBytes(18).toString("base64url")}`;
  const request = new Request(new URL("/api/auth/sign-up", env().BETTER_AUTH_URL), {
    method: "POST",
    headers: { "content-type": "application/json", ...clientHeader(address) },
    body: JSON.stringify({ name: "Lab guest", email: `guest-${randomUUID()}@${DOMAIN}`, password }),
  });
  const answer = await mintingWith({ audience: labAudience() }, () =>
    startSession("sign-up", request, "token"),
  );
  if (!answer.ok) return answer;
  const { user, access_token: token } = (await answer.json()) as {
    user: { id: string };
    access_token: string;
  };
  const { alg = "", kid = "" } = decodeProtectedHeader(token);
  const cookie = answer.headers
    .getSetCookie()
    .map((set) => set.split(";", 1)[0])
    .join("; ");
  const decoded = { header: { alg, kid }, claims: decodeJwt<AccessTokenClaims>(token) };
  return { id: user.id, password, cookie, token, decoded, address };
}

/** What tells the identity provider where a request comes from. */
export const clientHeader = (address: string): Record<string, string> =>
  address ? { [env().CLIENT_IP_HEADER]: address } : {};

/** Removes a guest's account with all that belongs to it. */
export const removeGuest = (id: string): Promise<void> => remove("id = $1", [id]);

/** Removes the guests that a server left behind when it ended: all that are older than an hour. */
export const removeOldGuests = (): Promise<void> =>
  remove(`email LIKE 'guest-%@' || $1 AND "createdAt" < now() - interval '1 hour'`, [DOMAIN]);

async function remove(condition: string, values: string[]): Promise<void> {
  await database().query(
    `WITH gone AS (DELETE FROM auth."user" WHERE ${condition} RETURNING id)
     DELETE FROM auth."auditEvent" WHERE "subjectId" IN (SELECT id FROM gone)`,
    values,
  );
}
