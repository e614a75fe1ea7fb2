import { type ApiCallOptions, type ApiProxy, createApiProxy } from "better-auth-revocation/server";
import { env } from "#server/env.ts";
import { problemResponse } from "#server/http/problem.ts";
import { currentRequestId, inRequestScope } from "#server/http/request-scope.ts";
import { replacementCookies, withPresentCookies } from "#server/identity/cookies.ts";
import { translateRefusal } from "#server/identity/refusals.ts";
import { auth } from "#server/identity/server.ts";
import { log, summarize } from "#server/log.ts";

let cached: ApiProxy | undefined;

/** Built on first use, as Better Auth is. */
function proxy(): ApiProxy {
  cached ??= createApiProxy(auth(), {
    api: () => `${env().API_URL}/api`,
    requestId: currentRequestId,
    problem: (code) => problemResponse(code),
    refusal: (response) => translateRefusal(response),
    onFailure: (failure, error) =>
      log(failure === "api_unreachable" ? "warn" : "error", failure, { cause: summarize(error) }),
  });
  return cached;
}

/** The backend-for-frontend, with the problems, the log and the cookies of this application. */
export const proxyToApi = (request: Request, path: string[], options?: ApiCallOptions): Promise<Response> =>
  inRequestScope(request, async () => {
    const headers = withPresentCookies(request.headers);
    const answer = await proxy()(
      headers === request.headers ? request : new Request(request, { headers }),
      path,
      options,
    );
    const set = answer.headers.getSetCookie();
    if (!set.length) return answer;
    for (const cookie of replacementCookies(request.headers, set))
      answer.headers.append("Set-Cookie", cookie);
    return answer;
  });
