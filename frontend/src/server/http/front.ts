import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { PassThrough, Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { problemResponse } from "#server/http/problem.ts";
import { SECURITY_HEADERS } from "#server/http/security-headers.ts";
import { log, summarize } from "#server/log.ts";

/** A route handler; one that `streams` sends bodies on as they come, the others answer with something small. */
export type Route = { answer: (request: Request) => Promise<Response>; streams?: boolean };

/** Who answers a request; nobody when the framework shall. */
export type Find = (method: string, path: string) => Route | undefined;

/** Plainly written, that is in one way only: nothing to decode, no empty or dot segment, no slash at the end. */
const PLAIN = /^(?:\/[\w~-][\w.~-]*)+$/;
const BODILESS = new Set(["GET", "HEAD"]);
/** Up to here an answer is written in one piece. */
const SMALL_ANSWER = 64 * 1024;
/** Less than this gains nothing by compression. */
const WORTH_COMPRESSING = 1024;
const COMPRESSIBLE = /^(?:text\/(?!event-stream)|application\/(?:[\w.-]+\+)?json\b)/;

/** Answers what `find` knows without Next.js, whose way to a route handler costs more than most of the handlers do. All
 * the rest is left to `next`. */
export function inFrontOf(next: RequestListener, find: Find, origin: string): RequestListener {
  return (request, response) => {
    const { url = "", method = "" } = request;
    const [path = ""] = url.split("?", 1);
    const route = PLAIN.test(path) ? find(method, path) : undefined;
    if (!route) return next(request, response);
    answerOf(route, webRequest(request, response, origin + url))
      .then((given) => write(given, request, response, route.streams))
      // Who asked has gone, or what was to be sent on broke off: the answer can't be completed.
      .catch(() => response.destroy());
  };
}

async function answerOf({ answer }: Route, request: Request): Promise<Response> {
  try {
    return await answer(request);
  } catch (error) {
    log("error", "request_failed", { method: request.method, cause: summarize(error) });
    return problemResponse("identity_provider_unavailable");
  }
}

function webRequest(request: IncomingMessage, response: ServerResponse, url: string): Request {
  const headers = new Headers();
  // Not `headersDistinct` or `rawHeaders`, which still have what the server has replaced: the client's word on its address.
  for (const [name, value] of Object.entries(request.headers)) {
    for (const one of [value ?? []].flat()) headers.append(name, one);
  }
  const gone = new AbortController();
  response.once("close", () => {
    if (!response.writableFinished) gone.abort();
  });
  const method = request.method ?? "";
  const hasBody = request.headers["content-length"] !== undefined || "transfer-encoding" in request.headers;
  if (BODILESS.has(method) || !hasBody) return new Request(url, { method, headers, signal: gone.signal });
  // One apart from the request: to cancel that would close the connection before the answer is sent.
  const body = request.pipe(new PassThrough());
  request.once("close", () => {
    if (!request.complete) body.destroy(new Error("the request broke off"));
  });
  const stream = Readable.toWeb(body) as ReadableStream<Uint8Array>;
  // A variable, because TypeScript's type does not know `duplex` (Fetch, section 5.3).
  const init = { method, headers, signal: gone.signal, body: stream, duplex: "half" };
  return new Request(url, init);
}

async function write(
  given: Response,
  request: IncomingMessage,
  response: ServerResponse,
  streams = false,
): Promise<void> {
  response.statusCode = given.status;
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
  for (const [name, value] of given.headers) {
    if (name !== "set-cookie") response.setHeader(name, value);
  }
  const cookies = given.headers.getSetCookie();
  if (cookies.length) response.setHeader("Set-Cookie", cookies);
  if (!request.complete) {
    // What was not read of a body would be taken for the next request.
    response.setHeader("Connection", "close");
    response.once("finish", () => request.resume());
  }
  if (!given.body || request.method === "HEAD") {
    response.end();
  } else if (streams && !isSmall(given)) {
    await pipeline(Readable.fromWeb(given.body as Parameters<typeof Readable.fromWeb>[0]), response);
  } else {
    response.end(await compressed(Buffer.from(await given.arrayBuffer()), request, response));
  }
}

const isSmall = ({ headers }: Response) =>
  Number(headers.get("content-length") ?? Number.POSITIVE_INFINITY) <= SMALL_ANSWER;

async function compressed(
  body: Buffer,
  { headers }: IncomingMessage,
  response: ServerResponse,
): Promise<Buffer> {
  if (!COMPRESSIBLE.test(String(response.getHeader("content-type")))) return body;
  response.appendHeader("Vary", "Accept-Encoding");
  const asked = /\bgzip\b(?!;q=0(?:\.0*)?(?:,|$))/.test(headers["accept-encoding"] ?? "");
  if (!asked || body.length < WORTH_COMPRESSING || response.hasHeader("content-encoding")) return body;
  response.removeHeader("Content-Length");
  response.setHeader("Content-Encoding", "gzip");
  return promisify(gzip)(body);
}
