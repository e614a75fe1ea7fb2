import type { GenericEndpointContext, Session } from "better-auth";
import { APIError } from "better-auth/api";
import { makeSignature } from "better-auth/crypto";
import { createLocalJWKSet, errors, type JWTPayload, jwtVerify } from "jose";
import type { DefinedClaims } from "./claims.ts";
import { REVOCATION_ERROR_CODES as CODES } from "./error-codes.ts";
import { findLiveSession, type LiveSession } from "./live-session.ts";
import { unlessAway } from "./outage.ts";
import { endReused } from "./reuse.ts";
import type { Runtime } from "./runtime.ts";
import type { DecidedToken } from "./store.ts";

export type AccessTokenClaims = DefinedClaims & { iss: string; aud: string; sub: string };

/** Why a token is not accepted, by its code in `REVOCATION_ERROR_CODES`. */
export type TokenFault =
  | "TOKEN_MISSING"
  | "TOKEN_INVALID"
  | "TOKEN_EXPIRED"
  | "TOKEN_REVOKED"
  | "TOKEN_REUSED";

/** A token of ours whose session has not ended. */
export interface TokenSession extends LiveSession {
  claims: AccessTokenClaims;
  /** The token that it was renewed by within the last minute. */
  successor: DecidedToken | undefined;
}

/** The Bearer credential of a request (RFC 6750, section 2.1), valid or not; undefined without one. */
export const bearerOf = (headers: Headers | undefined): string | undefined =>
  /^Bearer\b *(.*)$/i.exec(headers?.get("authorization") ?? "")?.[1]?.trim();

/** A 401 with the challenge of RFC 6750, section 3. */
export const refuseToken = (fault: TokenFault): APIError =>
  new APIError("UNAUTHORIZED", CODES[fault], {
    "Cache-Control": "no-store",
    "WWW-Authenticate": fault === "TOKEN_MISSING" ? "Bearer" : 'Bearer error="invalid_token"',
  });

/** Whether a credential has the form of a signed JWT (RFC 7515, section 3.1): anything else is none of ours. */
export const hasJwtForm = (credential: string): boolean => /^[\w-]+\.[\w-]+\.[\w-]+$/.test(credential);

/** The session of an access token, or why there is none. Its signature, issuer, audience and time are verified, and
 * that it has not been revoked. A renewed token that is used after its grace is held by two parties: its session is ended
 * (RFC 9700, section 4.14.2).
 * @throws APIError when the database is away: that says nothing of the token */
export async function sessionOfToken(
  runtime: Runtime,
  ctx: GenericEndpointContext,
  token: string,
): Promise<TokenSession | TokenFault> {
  const claims = await verify(runtime, ctx, token);
  if (typeof claims === "string") return claims;
  return unlessAway(async () => {
    const state = await runtime.store.tokenState(claims.sid, claims.sub);
    if (!state || state.banned || claims.ver < state.version) return "TOKEN_REVOKED";
    const found = await findLiveSession(ctx, claims);
    if (!found) return "TOKEN_REVOKED";
    const { reused, revoked, successor } = await runtime.store.tokenStanding(claims);
    if (reused) {
      await endReused(runtime, ctx, claims.jti, found);
      return "TOKEN_REUSED";
    }
    return revoked ? "TOKEN_REVOKED" : { claims, ...found, successor };
  });
}

/** The value of the cookie by which Better Auth knows a session. */
export const sessionCookieValue = async (ctx: GenericEndpointContext, { token }: Session): Promise<string> =>
  `${token}.${await makeSignature(token, ctx.context.secret)}`;

async function verify(
  runtime: Runtime,
  ctx: GenericEndpointContext,
  token: string,
): Promise<AccessTokenClaims | TokenFault> {
  if (!hasJwtForm(token)) return "TOKEN_INVALID";
  const signingKeys = runtime.signingKeys(ctx.context);
  const keys = await unlessAway(signingKeys.list);
  const set = createLocalJWKSet({
    keys: keys
      .filter((key) => signingKeys.stateOf(key) !== "dead")
      .map(({ id, alg, publicKey }) => ({ ...JSON.parse(publicKey), kid: String(id), alg: alg ?? "EdDSA" })),
  });
  try {
    const { payload } = await jwtVerify<AccessTokenClaims & JWTPayload>(token, set, {
      issuer: runtime.settings.issuer ?? String(ctx.context.options.baseURL),
      audience: runtime.settings.audience,
      algorithms: ["EdDSA", "RS256"],
      requiredClaims: ["sub", "sid", "ver", "jti", "exp", "iat"],
    });
    return payload;
  } catch (error) {
    return error instanceof errors.JWTExpired ? "TOKEN_EXPIRED" : "TOKEN_INVALID";
  }
}
