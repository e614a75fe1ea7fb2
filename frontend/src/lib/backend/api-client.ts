import { setTimeout as sleep } from "node:timers/promises";
import { env } from "#lib/env.ts";
import { log, summarize } from "#lib/log.ts";
import { problemResponse } from "#lib/problem.ts";
import { currentRequestId } from "#lib/request-scope.ts";

const TIMEOUT = 10_000;
const RETRY_PAUSE = 100;
const REQUEST_HEADERS = [
  "accept",
  "accept-language",
  "content-type",
  "if-match",
  "if-none-match",
  "user-agent",
];
const RESPONSE_HEADERS = [
  "cache-control",
  "content-type",
  "etag",
  "link",
  "location",
  "retry-after",
  "x-request-id",
];

/** Calls `/api/<path>` of the API, its segments plain, as the token's bearer. An outage is an answer too: 503, never a 401. */
export async function callApi(
  request: Request,
  path: string[],
  body: Uint8Array<ArrayBuffer> | undefined,
  token: string,
): Promise<Response> {
  const url = new URL(`/api/${path.join("/")}`, env().API_URL);
  url.search = new URL(request.url).search;
  const headers = pick(request.headers, REQUEST_HEADERS);
  headers.set("authorization", `Bearer ${token}`);
  const client = request.headers.get(env().CLIENT_IP_HEADER);
  if (client) headers.set("x-forwarded-for", client);
  const requestId = currentRequestId();
  if (requestId) headers.set("x-request-id", requestId);
  const send = () =>
    fetch(url, {
      method: request.method,
      headers,
      redirect: "manual",
      signal: AbortSignal.any([request.signal, AbortSignal.timeout(TIMEOUT)]),
      ...(body?.byteLength && { body }),
    });
  try {
    const answer = await send().catch(async (error: unknown) => {
      if (!wasNeverSent(error)) throw error;
      await sleep(RETRY_PAUSE);
      return send();
    });
    const answerHeaders = pick(answer.headers, RESPONSE_HEADERS);
    if (!answerHeaders.has("cache-control")) answerHeaders.set("Cache-Control", "no-store");
    const location = answerHeaders.get("location");
    if (location) answerHeaders.set("Location", location.replace(/^\/api\//, "/api/backend/"));
    return new Response(answer.body, { status: answer.status, headers: answerHeaders });
  } catch (error) {
    if (!request.signal.aborted) log("warn", "api_unreachable", { cause: summarize(error) });
    return problemResponse("api_unavailable");
  }
}

const wasNeverSent = (error: unknown) =>
  error instanceof Error && (error.cause as NodeJS.ErrnoException | undefined)?.code === "ECONNREFUSED";

function pick(from: Headers, names: string[]): Headers {
  const picked = new Headers();
  for (const name of names) {
    const value = from.get(name);
    if (value !== null) picked.set(name, value);
  }
  return picked;
}
