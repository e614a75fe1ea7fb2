import { problemResponse } from "#server/http/problem.ts";
import { inRequestScope } from "#server/http/request-scope.ts";
import { log, summarize } from "#server/log.ts";
import { serveRevocations } from "#server/revocation/feed.ts";

export const GET = (request: Request): Promise<Response> =>
  inRequestScope(request, async () => {
    try {
      return await serveRevocations(request);
    } catch (error) {
      log("error", "revocation_feed_failed", { cause: summarize(error) });
      return problemResponse("identity_provider_unavailable");
    }
  });
