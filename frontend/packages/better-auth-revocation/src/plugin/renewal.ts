import { randomUUID } from "node:crypto";
import type { GenericEndpointContext } from "better-auth";
import { APIError, createAuthEndpoint } from "better-auth/api";
import { getJwtToken, type JwtOptions } from "better-auth/plugins";
import { decodeJwt } from "jose";
import { mintingFor } from "../backend-for-frontend/minting-for.ts";
import { bearerOf, refuseToken, sessionOfToken, type TokenSession } from "./access-token.ts";
import { isFromBrowser } from "./client-kind.ts";
import { REVOCATION_ERROR_CODES as CODES } from "./error-codes.ts";
import type { LiveSession } from "./live-session.ts";
import { mintingWith } from "./minting.ts";
import { unlessAway } from "./outage.ts";
import type { Runtime } from "./runtime.ts";
import type { DecidedToken } from "./store.ts";
import { assertMayHold } from "./token-holder.ts";

/** Takes an access token and never a cookie, so the origin of a request need not be checked. */
export const RENEWAL_PATH = "/renew";

/** Renews the access token in the Authorization header: a new token of the same session, with a new `jti`. The former token
 * is accepted for another minute, in which renewing it gives the same new token, so that neither a lost answer nor two requests
 * at once end the session or start a second line of tokens. Used after that minute, it ends the session.
 * @param options those of the jwt plugin */
export const renewalEndpoint = (runtime: Runtime, options: JwtOptions) => ({
  renewToken: createAuthEndpoint(
    RENEWAL_PATH,
    { method: "POST", requireHeaders: true, disableBody: true, metadata: { openapi: DESCRIPTION } },
    async (ctx) => {
      if (!runtime.settings.tokensInBrowsers && isFromBrowser(ctx.headers)) {
        throw APIError.from("FORBIDDEN", CODES.TOKEN_NOT_FOR_BROWSERS);
      }
      const token = bearerOf(ctx.headers);
      const found = token === undefined ? "TOKEN_MISSING" : await sessionOfToken(runtime, ctx, token);
      if (typeof found === "string") throw refuseToken(found);
      // Before anything is changed for it.
      if (!runtime.settings.tokensInBrowsers) assertMayHold(found.session);
      const renewed = await unlessAway(() => renew(runtime, ctx, options, found));
      const { exp = 0, iat = 0 } = decodeJwt(renewed);
      ctx.setHeader("Cache-Control", "no-store");
      return ctx.json({ access_token: renewed, token_type: "Bearer", expires_in: exp - iat });
    },
  ),
});

async function renew(
  runtime: Runtime,
  ctx: GenericEndpointContext,
  options: JwtOptions,
  { claims, successor, ...live }: TokenSession,
): Promise<string> {
  const mint = (decided: DecidedToken) => mintOf(ctx, options, live, decided);
  if (successor) return mint(successor);
  await slide(ctx, live);
  // No earlier than what it renews, whose machine's clock may be ahead: else a revocation by time of issue could cover it.
  const next = { jti: randomUUID(), iat: Math.max(claims.iat, Math.floor(Date.now() / 1000)) };
  // Minted before the former token is revoked: if an outage comes in between, the client still has a good one.
  const minted = await mint(next);
  // The same `jti` may have been minted again since, with a later `exp`: a session's end moves.
  const until = Math.max(claims.exp, claims.iat + runtime.settings.lifetime);
  const { recorded, pause } = await runtime.store.renew({ ...claims, until }, next);
  if (recorded) return minted;
  if (pause) {
    const wait = { "Retry-After": String(pause), "X-Retry-After": String(pause) };
    throw new APIError("TOO_MANY_REQUESTS", CODES.TOO_MANY_RENEWALS, wait);
  }
  const first = (await runtime.store.tokenStanding(claims)).successor;
  if (!first) throw refuseToken("TOKEN_REVOKED");
  return mint(first);
}

/** Mints Better Auth's token of the session, with the claims that were fixed before. */
async function mintOf(
  ctx: GenericEndpointContext,
  options: JwtOptions,
  live: LiveSession,
  decided: DecidedToken,
): Promise<string> {
  ctx.context.session = live;
  try {
    return await mintingWith(decided, () => mintingFor("token", () => getJwtToken(ctx, options)));
  } catch (error) {
    throw error instanceof APIError && error.statusCode === 401 ? refuseToken("TOKEN_REVOKED") : error;
  }
}

/** Seconds that Better Auth gives a session without `rememberMe`. */
const UNREMEMBERED = 86_400;

/** A renewal is a use of the session, which moves its end as Better Auth does when a cookie is used: not that of a session
 * without `rememberMe`, which Better Auth knows by a cookie and this endpoint by how long it was given. */
async function slide({ context }: GenericEndpointContext, { session }: LiveSession): Promise<void> {
  const { expiresIn, updateAge } = context.sessionConfig;
  const refreshedAt = session.expiresAt.getTime() - expiresIn * 1000;
  const isDue = refreshedAt + updateAge * 1000 <= Date.now();
  const given = session.expiresAt.getTime() - session.createdAt.getTime();
  const isShort = given <= UNREMEMBERED * 1000 && expiresIn > UNREMEMBERED;
  if (!isDue || isShort || session["impersonatedBy"] || context.options.session?.disableSessionRefresh)
    return;
  const now = Date.now();
  await context.internalAdapter.updateSession(session.token, {
    expiresAt: new Date(now + expiresIn * 1000),
    updatedAt: new Date(now),
  });
}

const DESCRIPTION = {
  operationId: "renewToken",
  description:
    "Get a new access token for the one in the Authorization header. That one stays valid for another minute, in which it gives the same new token again; used after that, it ends the session.",
  responses: {
    "200": {
      description: "A token with a new `jti`",
      content: {
        "application/json": {
          schema: {
            type: "object" as const,
            properties: {
              access_token: { type: "string" as const },
              token_type: { type: "string" as const, enum: ["Bearer"] },
              expires_in: { type: "number" as const, description: "Seconds that the token lives" },
            },
            required: ["access_token", "token_type", "expires_in"],
          },
        },
      },
    },
    "401": { description: "The token is missing, invalid, expired or revoked, or it was renewed before" },
    "403": { description: "Browsers get no token" },
    "429": { description: "Renewed too often; Retry-After says for how long to wait" },
    "503": { description: "The database can't be reached" },
  },
};
