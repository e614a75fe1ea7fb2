import { log, summarize } from "#lib/log.ts";
import { problemResponse } from "#lib/problem.ts";
import { inRequestScope } from "#lib/request-scope.ts";
import { serveRevocations } from "#lib/revocation/feed.ts";

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
