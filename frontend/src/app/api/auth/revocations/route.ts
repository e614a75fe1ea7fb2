import { log, summarize } from "#lib/log.ts";
import { problemResponse } from "#lib/problem.ts";
import { serveRevocations } from "#lib/revocation/feed.ts";

export async function GET(request: Request): Promise<Response> {
  try {
    return await serveRevocations(request);
  } catch (error) {
    log("error", "revocation_feed_failed", { cause: summarize(error) });
    return problemResponse("identity_provider_unavailable");
  }
}
