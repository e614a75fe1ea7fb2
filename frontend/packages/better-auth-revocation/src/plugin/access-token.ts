import type { GenericEndpointContext, Session } from "better-auth";
import { makeSignature } from "better-auth/crypto";
import type { Jwk } from "better-auth/plugins";
import { createLocalJWKSet, errors, type JWTPayload, jwtVerify } from "jose";
import type { DefinedClaims } from "./claims.ts";
import { type Runtime, unlessAway } from "./runtime.ts";

export type AccessTokenClaims = DefinedClaims & { iss: string; aud: string; sub: string };

/** Why a token is not accepted, by its code in `REVOCATION_ERROR_CODES`. */
export type TokenFault = "TOKEN_INVALID" | "TOKEN_EXPIRED" | "TOKEN_REVOKED";

/** A token of ours whose session has not ended. */
export interface TokenSession {
  claims: AccessTokenClaims;
  session: Session;
}

const FORM = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** The session of an access token, or why there is none. Its signature, issuer, audience and time are verified, and
 * that it has not been revoked.
 * @throws APIError when the database is away: that says nothing of the token */
export async function sessionOfToken(
  runtime: Runtime,
  ctx: GenericEndpointContext,
  token: string,
): Promise<TokenSession | TokenFault> {
  const claims = await verify(runtime, ctx, token);
  if (typeof claims === "string") return claims;
  const { adapter } = ctx.context;
  return unlessAway(async () => {
    const state = await runtime.store.tokenState(claims.sid, claims.sub);
    if (!state || state.banned || claims.ver < state.version) return "TOKEN_REVOKED";
    const session = await adapter.findOne<Session>({
      model: "session",
      where: [{ field: "id", value: claims.sid }],
    });
    return session && String(session.userId) === claims.sub ? { claims, session } : "TOKEN_REVOKED";
  });
}

/** The value of the cookie by which Better Auth knows a session. */
export const sessionCookieValue = async (ctx: GenericEndpointContext, { token }: Session): Promise<string> =>
  `${token}.${await makeSignature(token, ctx.context.secret)}`;

async function verify(
  { settings }: Runtime,
  ctx: GenericEndpointContext,
  token: string,
): Promise<AccessTokenClaims | TokenFault> {
  if (!FORM.test(token)) return "TOKEN_INVALID";
  const keys = await unlessAway(() => ctx.context.adapter.findMany<Jwk>({ model: "jwks", limit: 1000 }));
  const set = createLocalJWKSet({
    keys: keys.map(({ id, alg, publicKey }) => ({
      ...JSON.parse(publicKey),
      kid: String(id),
      alg: alg ?? "EdDSA",
    })),
  });
  try {
    const { payload } = await jwtVerify<AccessTokenClaims & JWTPayload>(token, set, {
      issuer: settings.issuer ?? String(ctx.context.options.baseURL),
      audience: settings.audience,
      algorithms: ["EdDSA", "RS256"],
      requiredClaims: ["sub", "sid", "ver", "jti", "exp", "iat"],
    });
    return payload;
  } catch (error) {
    return error instanceof errors.JWTExpired ? "TOKEN_EXPIRED" : "TOKEN_INVALID";
  }
}
