import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { Socket } from "node:net";
import { answerProblem } from "#server/http/raw-problem.ts";

/** Bounds of a connection, in milliseconds. */
export type ConnectionLimits = {
  /** For a connection to send a complete header; counted from its first byte, or from its opening. */
  headers: number;
  /** For a complete request, body included; what is passed on to the API is bound by `idle` alone. */
  request: number;
  /** Between two requests on one connection. */
  keepAlive: number;
  /** Without a byte in either direction while the client owes one: the rest of a request, or the reading of an answer. */
  idle: number;
  /** Between two looks at the bounds above. */
  checkEvery: number;
};

export const CONNECTION_LIMITS: ConnectionLimits = {
  headers: 10_000,
  request: 30_000,
  keepAlive: 10_000,
  idle: 60_000,
  checkEvery: 2_000,
};

/** Methods that anything here answers; the rest has no place to go to (RFC 9110, section 15.5.6). */
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** An HTTP server on which no connection stays for longer than it has work: it takes no upgrades, and ends what is idle,
 * half-sent or not read. An answer that is still being written, such as an event stream, is never cut. */
export function createListener(
  handle: RequestListener,
  limits: ConnectionLimits = CONNECTION_LIMITS,
): Server {
  const answering = new Map<Socket, Set<IncomingMessage>>();
  const server = createServer(
    {
      // Without this, Next.js takes upgrades over and neither closes them nor lets their time run out.
      shouldUpgradeCallback: () => false,
      headersTimeout: limits.headers,
      requestTimeout: 0,
      keepAliveTimeout: limits.keepAlive,
      connectionsCheckingInterval: limits.checkEvery,
      keepAlive: true,
      keepAliveInitialDelay: limits.idle,
    },
    (request, response) => {
      const { socket } = request;
      const requests = answering.get(socket) ?? new Set();
      answering.set(socket, requests.add(request));
      const late = isPassedOn(request)
        ? undefined
        : setTimeout(() => request.complete || socket.destroy(), limits.request);
      response.once("close", () => {
        // An answer may be given before the request is there; the rest of it still has to come in time.
        if (request.complete) clearTimeout(late);
        requests.delete(request);
        if (!requests.size) answering.delete(socket);
      });
      if (METHODS.includes(request.method ?? "")) return handle(request, response);
      answerProblem(response, "method_not_allowed", { Allow: METHODS.join(", "), Connection: "close" });
    },
  );
  server.setTimeout(limits.idle, (socket) => {
    const requests = [...(answering.get(socket) ?? [])];
    const waitsForUs = requests.length > 0 && requests.every(isOurs) && socket.writableLength === 0;
    if (!waitsForUs) socket.destroy();
  });
  return server;
}

/** An upload takes the time that it takes, as long as it goes on. */
const isPassedOn = ({ url }: IncomingMessage): boolean => url?.startsWith("/api/backend/") === true;

/** Whether it is on us to go on with this request: all of it is here, or more than is read. */
const isOurs = (request: IncomingMessage): boolean =>
  request.complete || request.readableLength >= request.readableHighWaterMark;
