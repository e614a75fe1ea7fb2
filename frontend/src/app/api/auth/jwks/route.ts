import { problemResponse } from "#server/http/problem.ts";
import { serveKeySet } from "#server/identity/key-set.ts";
import { log, summarize } from "#server/log.ts";

/** Public and held in memory: without a rate limit, which would cost more than the answer. */
export async function GET(request: Request): Promise<Response> {
  try {
    return await serveKeySet(request);
  } catch (error) {
    log("error", "key_set_unreadable", { cause: summarize(error) });
    return problemResponse("identity_provider_unavailable");
  }
}
