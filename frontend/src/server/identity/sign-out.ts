import { inRequestScope } from "#server/http/request-scope.ts";
import { accessTokenCookie } from "#server/identity/cookies.ts";
import { handleAuthRequest } from "#server/identity/handler.ts";

/** Ends a browser's session and clears its cookies, also when the session is already over. */
export const endBrowserSession = (request: Request): Promise<Response> =>
  inRequestScope(request, async () => {
    const headers = new Headers(request.headers);
    for (const name of ["authorization", "content-length", "content-type"]) headers.delete(name);
    const answer = await handleAuthRequest(
      new Request(new URL("/api/auth/sign-out", request.url), { method: "POST", headers }),
    );
    const hadNone = answer.status === 401 && headers.has("cookie");
    if (!answer.ok && !hadNone) return answer;
    const response = new Response(null, { status: 204, headers: { "Cache-Control": "no-store" } });
    for (const cookie of [...answer.headers.getSetCookie(), accessTokenCookie().clear()]) {
      response.headers.append("Set-Cookie", cookie);
    }
    return response;
  });
