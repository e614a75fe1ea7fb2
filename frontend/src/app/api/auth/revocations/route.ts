import { problemResponse } from "#server/http/problem.ts";
import { inRequestScope } from "#server/http/request-scope.ts";
import { log, summarize } from "#server/log.ts";
import { serveRevocations } from "#server/revocation/feed.ts";

export const GET = (request: Request): Promise<Response> =>
  inRequestScope(request, async () => {
    try {
      return await serveRevocations(request);
    } catch (error) {
      if (isDataException(error)) return problemResponse("bad_request");
      log("error", "revocation_feed_failed", { cause: summarize(error) });
      return problemResponse("identity_provider_unavailable");
    }
  });

/** Class 22 of SQLSTATE: the cursor is none. */
const isDataException = (error: unknown) => /^22/.test(String((error as { code?: unknown } | null)?.code));
