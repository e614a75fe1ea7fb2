import { getIP } from "better-auth/api";
import { makeSignature } from "better-auth/crypto";
import { createLocalJWKSet, jwtVerify } from "jose";
import type { AccessTokenClaims } from "#contract/claims.ts";
import { database } from "#server/database.ts";
import { env } from "#server/env.ts";
import { problemResponse } from "#server/http/problem.ts";
import { recordEvent } from "#server/identity/audit.ts";
import { sessionCookieName } from "#server/identity/cookies.ts";
import { type Renewal, renewalOf } from "#server/identity/renewals.ts";
import { auth } from "#server/identity/server.ts";
import { revocationsInForce } from "#server/revocation/in-force.ts";
import { SCHEMA } from "#server/revocation/install.ts";
import { tokenStateOf } from "#server/revocation/token-state.ts";

/** A live session, as the access token that a client sent as its bearer names it. `renewal`: by what that token was renewed
 * within the last minute. */
export type TokenSession = { claims: AccessTokenClaims; cookie: string; renewal: Renewal | undefined };

const BEARER = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+) *$/i;

/** Whether a request carries a bearer's credential (RFC 6750, section 2.1), good or bad. */
export const hasBearer = (headers: Headers): boolean => /^Bearer\b/i.test(headers.get("authorization") ?? "");

/** Why a bearer's credential is refused. */
export type RefusedToken =
  | "token_missing"
  | "token_invalid"
  | "token_expired"
  | "token_revoked"
  | "token_reused";

/** The session of the access token that a request carries; why not, when it is not a live one of ours.
 * `cookie` is what makes Better Auth take a request for that session's own.
 *
 * A token that was renewed and comes back after its grace is in two hands: its session is ended (RFC 9700, section 4.14.2). */
export async function tokenSession(headers: Headers): Promise<TokenSession | RefusedToken> {
  const token = BEARER.exec(headers.get("authorization") ?? "")?.[1];
  const claims = token ? await verify(token) : "token_invalid";
  if (typeof claims === "string") return claims;
  const { adapter, secret } = await auth().$context;
  const session = await adapter.findOne<StoredSession>({
    model: "session",
    where: [{ field: "id", value: claims.sid }],
  });
  const state = session?.userId === claims.sub ? await tokenStateOf(claims.sid, claims.sub) : undefined;
  if (!session || !state || state.version > claims.ver) return "token_revoked";
  const renewal = await renewalOf(claims.jti);
  if (renewal?.over) {
    await endReused(claims, headers);
    return "token_reused";
  }
  if (await isNamed(claims)) return "token_revoked";
  const value = encodeURIComponent(`${session.token}.${await makeSignature(session.token, secret)}`);
  return { claims, cookie: `${sessionCookieName()}=${value}`, renewal };
}

async function endReused({ sid, sub }: AccessTokenClaims, headers: Headers): Promise<void> {
  const { rowCount } = await database().query("DELETE FROM auth.session WHERE id = $1", [sid]);
  await revocationsInForce();
  if (!rowCount) return;
  const { adapter, options } = await auth().$context;
  await recordEvent(adapter, {
    type: "token_reused",
    subjectId: sub,
    ipAddress: getIP(headers, options),
    userAgent: headers.get("user-agent"),
  });
}

/** Whether the token is revoked by its own id, or by the time of its issue. */
async function isNamed({ jti, sub, iss, iat }: AccessTokenClaims): Promise<boolean> {
  const { rows } = await database().query<{ revoked: boolean }>(
    `SELECT ${SCHEMA}.revocation_names($1, NULL, $2, $3, $4) AS revoked`,
    [jti, sub, iss, iat],
  );
  return rows[0]?.revoked !== false;
}

/** A refusal as RFC 6750, section 3 wants it. */
export function unauthorized(code: RefusedToken): Response {
  const challenge = code === "token_missing" ? "Bearer" : 'Bearer error="invalid_token"';
  return problemResponse(code, { headers: { "WWW-Authenticate": challenge } });
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
