import type { Server } from "node:http";
import { endStreams } from "#server/http/event-stream.ts";

/** Milliseconds for what is being answered; more than anything here takes but a large up- or download. */
const PATIENCE = 20_000;
const CHECK_EVERY = 50;

/** Takes no more connections, ends streams of events, and comes back when everything else has been answered, or after
 * `patience`. Clients of what is then still open are cut off. */
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
