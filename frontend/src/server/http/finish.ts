import type { Server } from "node:http";
import type { Server as Socket } from "node:net";
import { endStreams } from "#server/http/event-stream.ts";

/** Milliseconds that requests in progress may take; only a large upload or download needs longer. */
const PATIENCE = 20_000;
const CHECK_EVERY = 50;

/** Stops accepting connections on all that `listens` for the server, ends event streams, and resolves when all other
 * requests have been answered. After `patience`, in milliseconds, it closes the connections that are still open. */
export async function finishAndClose(
  server: Server,
  listens: readonly Socket[] = [server],
  patience = PATIENCE,
): Promise<void> {
  const closed = Promise.all(
    listens.map((one) => new Promise<void>((resolve) => one.close(() => resolve()))),
  );
  endStreams();
  // A connection that becomes idle only now would be kept for its next request.
  const idle = setInterval(() => server.closeIdleConnections(), CHECK_EVERY);
  const late = setTimeout(() => server.closeAllConnections(), patience);
  await closed;
  clearInterval(idle);
  clearTimeout(late);
}
