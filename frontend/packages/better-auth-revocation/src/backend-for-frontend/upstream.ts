import * as http from "node:http";
import * as https from "node:https";
import { Readable } from "node:stream";

/** Milliseconds until a connection must stand, and that it may be silent. There is no limit to the whole. */
const CONNECT_TIMEOUT = 5_000;
export const IDLE_TIMEOUT = 120_000;
/** Shorter than a server's own patience with an unused connection: it must not close one that is about to be used. */
const FREE_TIMEOUT = 4_000;
/** Up to here an answer is read whole, which is cheaper than to stream it. */
const SMALL_ANSWER = 64 * 1024;

const agentOptions = { keepAlive: true, timeout: FREE_TIMEOUT, maxFreeSockets: 64 };
const agents = { "http:": new http.Agent(agentOptions), "https:": new https.Agent(agentOptions) };

/** A request to be sent on; what `body` streams can be sent once. */
export type Outgoing = {
  method: string;
  url: URL;
  headers: Record<string, string>;
  body: Uint8Array | ReadableStream<Uint8Array> | undefined;
  signal: AbortSignal;
};

/** What came back before anything was believed of it. */
export type Incoming = {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: Buffer | ReadableStream<Uint8Array> | null;
};

/** No connection was made, so nothing was sent. Node's error is the cause. */
export class NotSent extends Error {}

/** Sends a request and answers as soon as the answer's head is there; both bodies stream.
 * @throws NotSent
 * @throws Error of Node's, as `ECONNRESET` or `ETIMEDOUT`, when the request may have been received */
export function exchange(
  { method, url, headers, body, signal }: Outgoing,
  idle = IDLE_TIMEOUT,
): Promise<Incoming> {
  return new Promise((resolve, reject) => {
    const secure = url.protocol === "https:";
    const request = (secure ? https : http).request(url, {
      method,
      headers,
      agent: agents[secure ? "https:" : "http:"],
      signal,
    });
    let connected = false;
    request.setTimeout(idle, () => request.destroy(timedOut("the API was silent")));
    request.once("socket", (socket) => {
      connected = !socket.connecting;
      if (connected) return;
      const late = setTimeout(() => request.destroy(timedOut("no connection")), CONNECT_TIMEOUT);
      socket.once("close", () => clearTimeout(late));
      socket.once(secure ? "secureConnect" : "connect", () => {
        connected = true;
        clearTimeout(late);
      });
    });
    request.once("error", (error) =>
      reject(connected ? error : new NotSent(error.message, { cause: error })),
    );
    request.once("response", (response) => {
      takeBody(response).then(
        (taken) => resolve({ status: response.statusCode ?? 502, headers: response.headers, body: taken }),
        reject,
      );
    });
    if (body instanceof ReadableStream) {
      const source = Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]);
      source.once("error", (error) => request.destroy(error));
      source.pipe(request);
    } else {
      request.end(body);
    }
  });
}

async function takeBody(response: http.IncomingMessage): Promise<Incoming["body"]> {
  const length = Number(response.headers["content-length"] ?? Number.NaN);
  if (!(length <= SMALL_ANSWER)) return Readable.toWeb(response) as ReadableStream<Uint8Array>;
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return chunks.length ? Buffer.concat(chunks) : null;
}

const timedOut = (message: string) => Object.assign(new Error(message), { code: "ETIMEDOUT" });
