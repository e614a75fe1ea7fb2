const HEADERS = {
  "Content-Type": "text/event-stream",
  "Cache-Control": "no-store, no-transform",
  "X-Accel-Buffering": "no",
};
/** Milliseconds between two comments that keep a silent stream open in proxies. */
const HEARTBEAT = 20_000;
/** So many unread events make a reader one that does not keep up. */
const UNREAD = 50;

/** One end of a stream of server-sent events. */
export type EventSink<Event> = {
  send(event: Event): void;
  /** Sends unless the reader is behind, for what the next event makes up for. */
  offer(event: Event): void;
  end(): void;
};

/** Answers with server-sent events. `open` gets where to send them, and answers with what is to be done once nobody reads
 * any more. */
export function eventStream<Event>(
  signal: AbortSignal,
  open: (sink: EventSink<Event>) => () => void,
): Response {
  const encoder = new TextEncoder();
  let leave: () => void = () => undefined;
  let heartbeat: NodeJS.Timeout | undefined;
  let isOver = false;
  const finish = () => {
    if (isOver) return false;
    isOver = true;
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
      const end = () => {
        if (finish()) controller.close();
      };
      heartbeat = setInterval(() => write(":\n\n"), HEARTBEAT);
      signal.addEventListener("abort", end, { once: true });
      const opened = open({
        send,
        offer: (event) => {
          if ((controller.desiredSize ?? 0) > -UNREAD) send(event);
        },
        end,
      });
      if (isOver) opened();
      else leave = opened;
    },
    cancel() {
      finish();
    },
  });
  return new Response(stream, { headers: HEADERS });
}
