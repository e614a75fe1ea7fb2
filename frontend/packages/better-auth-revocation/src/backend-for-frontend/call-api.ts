import { setTimeout as sleep } from "node:timers/promises";
import { privateCacheControl } from "./cache-control.ts";
import type { KeptBody } from "./kept-body.ts";
import type { BackendSettings } from "./options.ts";
import { exchange, type Incoming, NotSent } from "./upstream.ts";

const RETRY_PAUSE = 100;
const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);
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
  "retry-after",
  "vary",
  "x-request-id",
];
const WITHOUT_BODY = new Set([204, 205, 304]);

/** A browser's request on its way to the API. */
export interface ApiCall {
  request: Request;
  /** Beneath the API's address, encoded. */
  path: string;
  body: KeptBody | undefined;
  /** Headers besides those that are passed on: who the client is, and the request's id. */
  headers: Record<string, string>;
}

/** Calls the API as the token's bearer. Both bodies stream. An outage is never a 401: it is a 503 where nothing was done, and a
 * 504 where the answer was lost and the API may have carried out the request. */
export async function callApi(
  { request, path, body, headers }: ApiCall,
  settings: BackendSettings,
  token: string,
): Promise<Response> {
  const base = settings.apiUrl();
  const url = new URL(base);
  url.pathname = `${base.pathname.replace(/\/$/, "")}/${path}`;
  url.search = new URL(request.url).search;
  const send = () =>
    exchange({
      method: request.method,
      url,
      headers: { ...passedOn(request, body), ...headers, authorization: `Bearer ${token}` },
      body: body?.take(),
      signal: request.signal,
    });
  try {
    const answer = await send().catch(async (error: unknown) => {
      if (!body?.isSpent && mayBeRepeated(error, request.method)) {
        await sleep(RETRY_PAUSE);
        return send();
      }
      throw error;
    });
    return responseOf(answer, { base, url, mount: settings.path });
  } catch (error) {
    const unsent = error instanceof NotSent;
    if (!request.signal.aborted) settings.onFailure?.("api_unreachable", unsent ? error.cause : error);
    return settings.problem(unsent || SAFE.has(request.method) ? "api_unavailable" : "outcome_unknown");
  }
}

function passedOn(request: Request, body: KeptBody | undefined): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of REQUEST_HEADERS) {
    const value = request.headers.get(name);
    if (value !== null) headers[name] = value;
  }
  if (body?.length !== undefined) headers["content-length"] = String(body.length);
  return headers;
}

type Place = { base: URL; url: URL; mount: string };

function responseOf({ status, headers: given, body }: Incoming, place: Place): Response {
  const headers = new Headers();
  for (const name of RESPONSE_HEADERS) {
    const value = given[name];
    if (typeof value === "string") headers.set(name, value);
  }
  headers.set("Cache-Control", privateCacheControl(headers.get("cache-control")));
  // A browser's own cache must not give one user's answers to who signs in next.
  headers.append("Vary", "Cookie");
  if (headers.get("content-type")?.startsWith("text/event-stream")) {
    // Neither compressed here, which would hold events back, nor buffered by a proxy in between.
    headers.append("Cache-Control", "no-transform");
    headers.set("X-Accel-Buffering", "no");
  }
  if (given.location) headers.set("Location", locationHere(given.location, place));
  return new Response(WITHOUT_BODY.has(status) ? null : (body as BodyInit | null), { status, headers });
}

/** Where the browser finds what the API says is at `location`; an address elsewhere stays as it is. */
function locationHere(location: string, { base, url, mount }: Place): string {
  const target = URL.parse(location, url);
  const root = base.pathname.replace(/\/$/, "");
  if (!target || target.origin !== base.origin || !target.pathname.startsWith(`${root}/`)) return location;
  return `${mount}${target.pathname.slice(root.length)}${target.search}${target.hash}`;
}

/** Whether the API can't have seen the request, or seeing it again does no harm: a connection that was kept open may be
 * closed by the other side just as it is used. */
function mayBeRepeated(error: unknown, method: string): boolean {
  const { code } = ((error instanceof NotSent ? error.cause : error) ?? {}) as NodeJS.ErrnoException;
  return code === "ECONNREFUSED" || (code === "ECONNRESET" && IDEMPOTENT.has(method));
}
