import {
  type AccessToken,
  accessTokenCookie,
  accessTokenCookieName,
  MintingRefused,
  mintAccessToken,
} from "#lib/auth/access-token.ts";
import { readBody, UnreadableBody } from "#lib/auth/body.ts";
import { translateRefusal } from "#lib/auth/refusals.ts";
import { callApi } from "#lib/backend/api-client.ts";
import { isSameOrigin } from "#lib/backend/same-origin.ts";
import { log, summarize } from "#lib/log.ts";
import { problemResponse } from "#lib/problem.ts";
import { inRequestScope } from "#lib/request-scope.ts";

const MAX_BODY = 1024 * 1024;
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
      const body = SAFE.has(request.method) ? undefined : await readBody(request, MAX_BODY);
      return await withToken(request, (token) => callApi(request, path, body, token));
    } catch (error) {
      if (error instanceof UnreadableBody) return error.toResponse();
      if (error instanceof MintingRefused) return translateRefusal(error.response);
      log("error", "backend_request_failed", { method: request.method, cause: summarize(error) });
      return problemResponse("identity_provider_unavailable");
    }
  });

async function withToken(request: Request, call: (token: string) => Promise<Response>): Promise<Response> {
  const held = cookie(request.headers, accessTokenCookieName());
  if (held) {
    const answer = await call(held);
    if (!(await isMendable(answer))) return answer;
  }
  const minted = await mintAccessToken(request.headers);
  // The dead token stays in its cookie: by it the sign-in page tells why the session is over.
  if (!minted) return problemResponse("session_ended");
  return withCookies(await call(minted.accessToken), minted);
}

async function isMendable(answer: Response): Promise<boolean> {
  if (answer.status !== 401) return false;
  const { code = "" } = (await answer
    .clone()
    .json()
    .catch(() => ({}))) as { code?: string };
  return MENDABLE.has(code);
}

function withCookies(answer: Response, minted: AccessToken & { setCookies: string[] }): Response {
  const headers = new Headers(answer.headers);
  for (const value of [...minted.setCookies, accessTokenCookie(minted)]) headers.append("Set-Cookie", value);
  return new Response(answer.body, { status: answer.status, headers });
}

function cookie(headers: Headers, name: string): string | undefined {
  const pairs = headers.get("cookie")?.split(";") ?? [];
  return pairs
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1);
}
