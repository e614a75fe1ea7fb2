import type { Server } from "node:http";
import { endStreams } from "#server/http/event-stream.ts";

/** Milliseconds that requests in progress may take; only a large upload or download needs longer. */
const PATIENCE = 20_000;
const CHECK_EVERY = 50;

/** Stops accepting connections, ends event streams, and resolves when all other requests have been answered. After
 * `patience`, in milliseconds, it closes the connections that are still open. */
export async function finishAndClose(server: Server, patience = PATIENCE): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  endStreams();
  // A connection that becomes idle only now would be kept for its next request.
  const idle = setInterval(() => server.closeIdleConnections(), CHECK_EVERY);
  const late = setTimeout(() => server.closeAllConnections(), patience);
  await closed;
  clearInterval(idle);
  clearTimeout(late);
}
