import { decodeJwt } from "jose";
import { isMeantFor } from "#contract/expected-subject.ts";
import { callApi } from "#server/backend-for-frontend/api-client.ts";
import { KeptBody } from "#server/backend-for-frontend/kept-body.ts";
import { isSameOrigin } from "#server/backend-for-frontend/same-origin.ts";
import { problemResponse } from "#server/http/problem.ts";
import { inRequestScope } from "#server/http/request-scope.ts";
import { type MintedToken, MintingRefused, mintAccessToken } from "#server/identity/access-token.ts";
import { accessTokenCookie, boundAccessToken } from "#server/identity/access-token-cookie.ts";
import { UnreadableBody } from "#server/identity/body.ts";
import { replacementCookies, withPresentCookies } from "#server/identity/cookies.ts";
import { translateRefusal } from "#server/identity/refusals.ts";
import { log, summarize } from "#server/log.ts";

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);
/** No dot segment, no escape: nothing that leads out of `/api/`, or that the API could read differently. */
const PLAIN_SEGMENT = /^(?!\.{1,2}$)[\w.~!$&'()*+,;=:@-]+$/;
/** Refusals that a new token mends, as long as the session behind it lives. */
const MENDABLE = new Set(["token_missing", "token_expired", "token_revoked", "token_invalid"]);

/** The backend-for-frontend: sends a browser's request to the API with the token from its HttpOnly cookie, and renews that unseen. */
export const proxyToApi = (request: Request, path: string[]): Promise<Response> =>
  inRequestScope(request, async () => {
    if (!SAFE.has(request.method) && !isSameOrigin(request.headers))
      return problemResponse("origin_not_allowed");
    if (!path.every((segment) => PLAIN_SEGMENT.test(segment))) return problemResponse("not_found");
    try {
      const body = SAFE.has(request.method) ? undefined : await KeptBody.of(request);
      return await withToken(request, body, (token) => callApi(request, path, body, token));
    } catch (error) {
      if (error instanceof UnreadableBody) return error.toResponse();
      if (error instanceof MintingRefused) return translateRefusal(error.response);
      log("error", "backend_request_failed", { method: request.method, cause: summarize(error) });
      return problemResponse("identity_provider_unavailable");
    }
  });

async function withToken(
  request: Request,
  body: KeptBody | undefined,
  call: (token: string) => Promise<Response>,
): Promise<Response> {
  const headers = withPresentCookies(request.headers);
  const held = boundAccessToken(headers);
  // What can't be sent twice goes with a token that has not just run out.
  if (held && !(body?.isStream && hasExpired(held))) {
    if (!isMeantFor(request.headers, decodeJwt(held).sub)) return problemResponse("wrong_subject");
    const answer = await call(held);
    if (!(await isMendable(answer))) return answer;
  }
  const minted = await mintAccessToken(headers, "browser");
  // The dead token stays in its cookie: by it the sign-in page tells why the session is over.
  if (!minted) return problemResponse("session_ended");
  if (!isMeantFor(request.headers, decodeJwt(minted.accessToken).sub))
    return problemResponse("wrong_subject");
  const answer = body?.isSpent ? problemResponse("body_not_repeated") : await call(minted.accessToken);
  return withCookies(answer, request.headers, minted);
}

const hasExpired = (token: string) => (decodeJwt(token).exp ?? 0) * 1000 <= Date.now();

async function isMendable(answer: Response): Promise<boolean> {
  if (answer.status !== 401) return false;
  const { code = "" } = (await answer
    .clone()
    .json()
    .catch(() => ({}))) as { code?: string };
  return MENDABLE.has(code);
}

function withCookies(answer: Response, sent: Headers, minted: MintedToken): Response {
  const headers = new Headers(answer.headers);
  const cookies = [...minted.setCookies, accessTokenCookie(minted, withPresentCookies(sent))];
  for (const value of [...cookies, ...replacementCookies(sent, cookies)]) headers.append("Set-Cookie", value);
  return new Response(answer.body, { status: answer.status, headers });
}
