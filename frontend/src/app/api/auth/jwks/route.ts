import { createHash } from "node:crypto";
import { handleAuthRequest } from "#lib/auth/handler.ts";

/** Seconds that a resource server may keep the key set; a new key is published for longer before it signs. */
const MAX_AGE = 60;

/** The JWK Set (RFC 7517) with a strong ETag, so that an unchanged one costs a 304. */
export async function GET(request: Request): Promise<Response> {
  const answer = await handleAuthRequest(request);
  if (!answer.ok) return answer;
  const body = await answer.text();
  const etag = `"${createHash("sha256").update(body).digest("base64url")}"`;
  const headers = {
    "Cache-Control": `public, max-age=${MAX_AGE}`,
    "Content-Type": "application/json",
    ETag: etag,
  };
  const known = request.headers.get("if-none-match")?.split(",") ?? [];
  if (known.some((tag) => tag.trim().replace(/^W\//, "") === etag || tag.trim() === "*")) {
    return new Response(null, { status: 304, headers });
  }
  return new Response(body, { headers });
}
