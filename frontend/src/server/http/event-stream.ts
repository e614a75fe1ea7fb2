const HEADERS = {
  "Content-Type": "text/event-stream",
  "Cache-Control": "no-store, no-transform",
  "X-Accel-Buffering": "no",
};
/** Milliseconds between two comments that keep a silent stream open in proxies. */
const HEARTBEAT = 20_000;
/** So many unread events make a reader one that does not keep up. */
const UNREAD = 50;

/** Functions that end the open streams. */
const open = new Set<() => void>();

/** Ends every event stream before the process stops, so that its clients reconnect to another instance. */
export function endStreams(): void {
  for (const end of open) end();
}

/** One end of a stream of server-sent events. */
export type EventSink<Event> = {
  send(event: Event): void;
  /** Sends unless the reader is behind, for what the next event makes up for. */
  offer(event: Event): void;
  end(): void;
};

/** Responds with server-sent events. `begin` receives the sink for events, and returns a function that is called when the
 * client has gone. */
export function eventStream<Event>(
  signal: AbortSignal,
  begin: (sink: EventSink<Event>) => () => void,
): Response {
  const encoder = new TextEncoder();
  let leave: () => void = () => undefined;
  let heartbeat: NodeJS.Timeout | undefined;
  let isOver = false;
  let end: () => void = () => undefined;
  const finish = () => {
    if (isOver) return false;
    isOver = true;
    open.delete(end);
    clearInterval(heartbeat);
    leave();
    return true;
  };
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      const write = (text: string) => {
        if (!isOver) controller.enqueue(encoder.encode(text));
      };
      const send = (event: Event) => write(`data: ${JSON.stringify(event)}\n\n`);
      end = () => {
        if (finish()) controller.close();
      };
      open.add(end);
      heartbeat = setInterval(() => write(":\n\n"), HEARTBEAT);
      signal.addEventListener("abort", end, { once: true });
      const leaving = begin({
        send,
        offer: (event) => {
          if ((controller.desiredSize ?? 0) > -UNREAD) send(event);
        },
        end,
      });
      if (isOver) leaving();
      else leave = leaving;
    },
    cancel() {
      finish();
    },
  });
  return new Response(stream, { headers: HEADERS });
}
