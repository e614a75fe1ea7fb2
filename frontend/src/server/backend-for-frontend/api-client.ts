import { setTimeout as sleep } from "node:timers/promises";
import type { KeptBody } from "#server/backend-for-frontend/kept-body.ts";
import { exchange, type Incoming } from "#server/backend-for-frontend/upstream.ts";
import { env } from "#server/env.ts";
import { problemResponse } from "#server/http/problem.ts";
import { currentRequestId } from "#server/http/request-scope.ts";
import { log, summarize } from "#server/log.ts";

const RETRY_PAUSE = 100;
const IDEMPOTENT = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE"]);
const REQUEST_HEADERS = [
  "accept",
  "accept-language",
  "content-disposition",
  "content-encoding",
  "content-type",
  "if-match",
  "if-modified-since",
  "if-none-match",
  "if-range",
  "if-unmodified-since",
  "last-event-id",
  "range",
  "user-agent",
];
const RESPONSE_HEADERS = [
  "accept-ranges",
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "content-length",
  "content-range",
  "content-type",
  "etag",
  "last-modified",
  "link",
  "location",
  "retry-after",
  "vary",
  "x-request-id",
];

/** Calls `/api/<path>` of the API, its segments plain, as the token's bearer. Both bodies stream. An outage is an answer
 * too: 503, never a 401. */
export async function callApi(
  request: Request,
  path: string[],
  body: KeptBody | undefined,
  token: string,
): Promise<Response> {
  const url = new URL(`/api/${path.join("/")}`, env().API_URL);
  url.search = new URL(request.url).search;
  const send = () =>
    exchange({
      method: request.method,
      url,
      headers: headersFor(request, body, token),
      body: body?.take(),
      signal: request.signal,
    });
  try {
    const answer = await send().catch(async (error: unknown) => {
      if (!body?.isSpent && wasNeverSent(error, request.method)) {
        await sleep(RETRY_PAUSE);
        return send();
      }
      throw error;
    });
    return responseOf(answer);
  } catch (error) {
    if (!request.signal.aborted) log("warn", "api_unreachable", { cause: summarize(error) });
    return problemResponse("api_unavailable");
  }
}

function headersFor(request: Request, body: KeptBody | undefined, token: string): Record<string, string> {
  const headers: Record<string, string> = { authorization: `Bearer ${token}` };
  for (const name of REQUEST_HEADERS) {
    const value = request.headers.get(name);
    if (value !== null) headers[name] = value;
  }
  const client = request.headers.get(env().CLIENT_IP_HEADER);
  if (client) headers["x-forwarded-for"] = client;
  const requestId = currentRequestId();
  if (requestId) headers["x-request-id"] = requestId;
  if (body?.length !== undefined) headers["content-length"] = String(body.length);
  return headers;
}

function responseOf({ status, headers: given, body }: Incoming): Response {
  const headers = new Headers();
  for (const name of RESPONSE_HEADERS) {
    const value = given[name];
    if (typeof value === "string") headers.set(name, value);
  }
  if (!headers.has("cache-control")) headers.set("Cache-Control", "no-store");
  if (headers.get("content-type")?.startsWith("text/event-stream")) {
    // Neither compressed here, which would hold events back, nor buffered by a proxy in between.
    headers.append("Cache-Control", "no-transform");
    headers.set("X-Accel-Buffering", "no");
  }
  const location = headers.get("location");
  if (location) headers.set("Location", location.replace(/^\/api\//, "/api/backend/"));
  return new Response(WITHOUT_BODY.has(status) ? null : (body as BodyInit | null), { status, headers });
}

const WITHOUT_BODY = new Set([204, 205, 304]);

/** Whether the API can't have seen the request, or seeing it again does no harm: a connection that was kept open may be
 * closed by the other side just as it is used. */
function wasNeverSent(error: unknown, method: string): boolean {
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  return code === "ECONNREFUSED" || (code === "ECONNRESET" && IDEMPOTENT.has(method));
}
