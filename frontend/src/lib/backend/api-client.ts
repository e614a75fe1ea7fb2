import { setTimeout as sleep } from "node:timers/promises";
import { env } from "#lib/env.ts";
import { log, summarize } from "#lib/log.ts";
import { problemResponse } from "#lib/problem.ts";

const TIMEOUT = 10_000;
const RETRY_PAUSE = 100;
const REQUEST_HEADERS = [
  "accept",
  "accept-language",
  "content-type",
  "if-match",
  "if-none-match",
  "user-agent",
  "x-request-id",
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

/** Calls `/api/<path>` of the API as the token's bearer. An outage is an answer too: 503, never a 401. */
export async function callApi(
  request: Request,
  path: string[],
  body: Uint8Array<ArrayBuffer> | undefined,
  token: string,
): Promise<Response> {
  const url = new URL(`/api/${path.map(encodeURIComponent).join("/")}`, env().API_URL);
  url.search = new URL(request.url).search;
  const headers = pick(request.headers, REQUEST_HEADERS);
  headers.set("authorization", `Bearer ${token}`);
  headers.set("x-forwarded-for", request.headers.get(env().CLIENT_IP_HEADER) ?? "");
  const send = () =>
    fetch(url, {
      method: request.method,
      headers,
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT),
      ...(body?.byteLength && { body }),
    });
  try {
    const answer = await send().catch(async (error: unknown) => {
      if (!wasNeverSent(error)) throw error;
      await sleep(RETRY_PAUSE);
      return send();
    });
    return new Response(answer.body, {
      status: answer.status,
      headers: pick(answer.headers, RESPONSE_HEADERS),
    });
  } catch (error) {
    log("warn", "api_unreachable", { request_id: headers.get("x-request-id"), cause: summarize(error) });
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
