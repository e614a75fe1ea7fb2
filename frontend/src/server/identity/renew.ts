import { randomUUID } from "node:crypto";
import { isFromBrowser, mintingWith } from "better-auth-revocation/composition";
import { mintingFor } from "better-auth-revocation/server";
import { decodeJwt } from "jose";
import { problemResponse } from "#server/http/problem.ts";
import { throwNotedFailure } from "#server/http/request-scope.ts";
import { guarded } from "#server/identity/handler.ts";
import { translateRefusal } from "#server/identity/refusals.ts";
import { type DecidedToken, recordRenewal, renewalOf } from "#server/identity/renewals.ts";
import { auth } from "#server/identity/server.ts";
import { type Rule, takeTurn } from "#server/identity/throttle.ts";
import { hasBearer, type TokenSession, tokenSession, unauthorized } from "#server/identity/token-session.ts";

/** Each renewal leaves a revocation that lives as long as the former token would have. */
const RENEWALS: Rule = { burst: 10, pause: 60, longest: 3_600, memory: 3_600 };

/** Renews the access token that a client sends as its bearer: a new token of the same session, with a new `jti`. The former
 * one is good for another minute, in which it gives the same new token as often as it is sent, so that neither a lost answer
 * nor two requests at once cost the session or open a second line of tokens. After that minute it ends the session. */
export const renewToken = (request: Request): Promise<Response> =>
  guarded(request, async () => {
    if (isFromBrowser(request.headers)) return problemResponse("token_not_for_browsers");
    if (!hasBearer(request.headers)) return unauthorized("token_missing");
    const session = await tokenSession(request.headers);
    return typeof session === "string" ? unauthorized(session) : renew(session);
  });

async function renew({ claims, cookie, renewal }: TokenSession): Promise<Response> {
  const turn = await takeTurn(`renewal:${claims.sid}`, RENEWALS);
  if ("retryAfter" in turn) {
    return problemResponse("rate_limited", { headers: { "Retry-After": String(turn.retryAfter) } });
  }
  if (renewal) return answer(await mint(cookie, renewal.successor));
  // Minted before the former token is condemned: an outage in between leaves the client what it has.
  // Never older than what it renews, on whichever machine that was minted: no revocation by the time of issue covers it.
  const successor = { jti: randomUUID(), iat: Math.max(claims.iat, Math.floor(Date.now() / 1000)) };
  const minted = await mint(cookie, successor);
  if (!minted.ok || (await recordRenewal(claims, successor))) return answer(minted);
  // Another request was first.
  const first = await renewalOf(claims.jti);
  return first ? answer(await mint(cookie, first.successor)) : unauthorized("token_revoked");
}

/** Better Auth's own answer with the token. Reading the session slides its end, as any use of it does. */
const mint = (cookie: string, token: DecidedToken): Promise<Response> =>
  mintingWith(token, () =>
    mintingFor("token", () => auth().api.getToken({ headers: new Headers({ cookie }), asResponse: true })),
  );

/** The answer of RFC 6749, section 5.1, or why there is no token. */
async function answer(minted: Response): Promise<Response> {
  if (minted.status === 401) {
    // Better Auth also answers 401 when it could not look the session up.
    throwNotedFailure();
    return unauthorized("token_revoked");
  }
  if (!minted.ok) return translateRefusal(minted);
  const { token } = (await minted.json()) as { token: string };
  const { exp = 0, iat = 0 } = decodeJwt(token);
  return Response.json(
    { access_token: token, token_type: "Bearer", expires_in: exp - iat },
    { headers: { "Cache-Control": "no-store" } },
  );
}
