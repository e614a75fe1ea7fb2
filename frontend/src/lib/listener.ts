import { createServer, type RequestListener, type Server } from "node:http";
import type { Socket } from "node:net";
import { errors } from "#generated/errors.ts";
import { problem } from "#lib/problem.ts";

/** Bounds of a connection, in milliseconds. */
export type ConnectionLimits = {
  /** For a connection to send a complete header; counted from its first byte, or from its opening. */
  headers: number;
  /** For a complete request, body included. */
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
  const answering = new Map<Socket, number>();
  const server = createServer(
    {
      // Without this, Next.js takes upgrades over and neither closes them nor lets their time run out.
      shouldUpgradeCallback: () => false,
      headersTimeout: limits.headers,
      requestTimeout: limits.request,
      keepAliveTimeout: limits.keepAlive,
      connectionsCheckingInterval: limits.checkEvery,
      keepAlive: true,
      keepAliveInitialDelay: limits.idle,
    },
    (request, response) => {
      const { socket } = request;
      answering.set(socket, (answering.get(socket) ?? 0) + 1);
      response.once("close", () => {
        const left = (answering.get(socket) ?? 1) - 1;
        if (left > 0) answering.set(socket, left);
        else answering.delete(socket);
      });
      if (METHODS.includes(request.method ?? "")) return handle(request, response);
      response.writeHead(errors.method_not_allowed.status, {
        Allow: METHODS.join(", "),
        "Cache-Control": "no-store",
        Connection: "close",
        "Content-Type": "application/problem+json",
      });
      response.end(JSON.stringify(problem("method_not_allowed")));
    },
  );
  server.setTimeout(limits.idle, (socket) => {
    const waitsForUs = answering.has(socket) && socket.writableLength === 0;
    if (!waitsForUs) socket.destroy();
  });
  return server;
}
