import { makeSignature } from "better-auth/crypto";
import { createLocalJWKSet, jwtVerify } from "jose";
import type { AccessTokenClaims } from "#contract/claims.ts";
import { env } from "#server/env.ts";
import { sessionCookieName } from "#server/identity/cookies.ts";
import { auth } from "#server/identity/server.ts";
import { tokenStateOf } from "#server/revocation/token-state.ts";

/** A live session, as the access token that a client sent as its bearer names it. */
export type TokenSession = { claims: AccessTokenClaims; cookie: string };

const BEARER = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+) *$/i;

/** Whether a request carries a bearer's credential (RFC 6750, section 2.1), good or bad. */
export const hasBearer = (headers: Headers): boolean => /^Bearer\b/i.test(headers.get("authorization") ?? "");

/** The session of the access token that a request carries; why not, when it is not a live one of ours.
 * `cookie` is what makes Better Auth take a request for that session's own. */
export async function tokenSession(
  headers: Headers,
): Promise<TokenSession | "token_invalid" | "token_expired" | "token_revoked"> {
  const token = BEARER.exec(headers.get("authorization") ?? "")?.[1];
  const claims = token ? await verify(token) : "token_invalid";
  if (typeof claims === "string") return claims;
  const { adapter, secret } = await auth().$context;
  const session = await adapter.findOne<StoredSession>({
    model: "session",
    where: [{ field: "id", value: claims.sid }],
  });
  const state = session?.userId === claims.sub ? await tokenStateOf(claims.sid) : undefined;
  if (!session || !state || state.version > claims.ver) return "token_revoked";
  const value = encodeURIComponent(`${session.token}.${await makeSignature(session.token, secret)}`);
  return { claims, cookie: `${sessionCookieName()}=${value}` };
}

type StoredSession = { token: string; userId: string };

async function verify(token: string): Promise<AccessTokenClaims | "token_invalid" | "token_expired"> {
  // Read outside of the catch: keys that can't be had are an outage, not a bad token.
  const keys = createLocalJWKSet(await auth().api.getJwks());
  try {
    const { payload } = await jwtVerify<AccessTokenClaims>(token, keys, {
      issuer: env().BETTER_AUTH_URL,
      audience: env().JWT_AUDIENCE,
      algorithms: ["EdDSA", "RS256"],
      requiredClaims: ["sub", "sid", "jti", "exp", "iat"],
    });
    return payload;
  } catch (error) {
    return (error as { code?: string }).code === "ERR_JWT_EXPIRED" ? "token_expired" : "token_invalid";
  }
}
