import { readCookie } from "better-auth-revocation/server";
import { env } from "#server/env.ts";
import { problemResponse } from "#server/http/problem.ts";
import { inRequestScope } from "#server/http/request-scope.ts";
import { accessTokenCookie, sessionCookieName, withPresentCookies } from "#server/identity/cookies.ts";
import { handleAuthRequest } from "#server/identity/handler.ts";
import { hasBearer, tokenSession, unauthorized } from "#server/identity/token-session.ts";
import { log, summarize } from "#server/log.ts";

/** Ends the session that a request proves to have: by its access token, or by its cookie. Nothing proved, nothing ended: 401. */
export const signOut = (request: Request): Promise<Response> =>
  inRequestScope(request, async () => {
    if (hasBearer(request.headers)) return signOutByToken(request);
    const cookie = readCookie(withPresentCookies(request.headers), sessionCookieName());
    if (cookie === undefined) return unauthorized("token_missing");
    return handleAuthRequest(request);
  });

/** Ends the session of a browser, and takes its cookies back. */
export const endBrowserSession = (request: Request): Promise<Response> =>
  inRequestScope(request, async () => {
    const headers = new Headers(request.headers);
    for (const name of ["content-length", "content-type"]) headers.delete(name);
    const answer = await handleAuthRequest(
      new Request(new URL("/api/auth/sign-out", request.url), { method: "POST", headers }),
    );
    if (!answer.ok) return answer;
    const response = new Response(null, { status: 204, headers: { "Cache-Control": "no-store" } });
    for (const cookie of [...answer.headers.getSetCookie(), accessTokenCookie().clear()]) {
      response.headers.append("Set-Cookie", cookie);
    }
    return response;
  });

async function signOutByToken(request: Request): Promise<Response> {
  try {
    const session = await tokenSession(request.headers);
    if (typeof session === "string") return unauthorized(session);
    const answer = await handleAuthRequest(requestOf(request, session.cookie));
    const headers = new Headers(answer.headers);
    // A client that holds its token has no cookies to lose.
    headers.delete("Set-Cookie");
    return new Response(answer.body, { status: answer.status, headers });
  } catch (error) {
    log("error", "sign_out_failed", { cause: summarize(error) });
    return problemResponse("identity_provider_unavailable");
  }
}

/** The same request made in the session's own name. */
function requestOf(request: Request, cookie: string): Request {
  const headers = new Headers({ cookie, origin: env().BETTER_AUTH_URL });
  for (const name of ["user-agent", "x-request-id", env().CLIENT_IP_HEADER]) {
    const value = request.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  return new Request(request.url, { method: "POST", headers });
}
