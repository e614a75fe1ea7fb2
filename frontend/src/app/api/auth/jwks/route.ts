import { problemResponse } from "#server/http/problem.ts";
import { describeTokens, keySet } from "#server/identity/key-set.ts";
import { log, summarize } from "#server/log.ts";

/** Seconds that a resource server may keep the key set; a new key is published for longer before it signs. */
const MAX_AGE = 60;

/** The JWK Set (RFC 7517) with a strong ETag, so that an unchanged one costs a 304. Public and held in memory: without a
 * rate limit, which would cost more than the answer. */
export async function GET(request: Request): Promise<Response> {
  const known = request.headers.get("if-none-match")?.split(",") ?? [];
  try {
    const { body, etag, origins } = await keySet();
    const headers = {
      "Cache-Control": `public, max-age=${MAX_AGE}`,
      "Content-Type": "application/json",
      ETag: etag,
      ...describeTokens(origins),
    };
    const unchanged = known.some((tag) => tag.trim().replace(/^W\//, "") === etag || tag.trim() === "*");
    return new Response(unchanged ? null : body, { status: unchanged ? 304 : 200, headers });
  } catch (error) {
    log("error", "key_set_unreadable", { cause: summarize(error) });
    return problemResponse("identity_provider_unavailable");
  }
}
