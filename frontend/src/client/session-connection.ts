import type { SessionEvent } from "#contract/session-events.ts";

/** Milliseconds until a connection that was refused is tried again. */
const RETRY = 5_000;

/** The server-sent events of this browser's session, once `open` was called: each goes to `onEvent`. Opening it again
 * replaces it. */
export function sessionConnection(onEvent: (event: SessionEvent) => void) {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const open = () => {
    clearTimeout(timer);
    source?.close();
    const opened = new EventSource("/api/session/events");
    source = opened;
    opened.onmessage = ({ data }: MessageEvent<string>) => {
      const event = JSON.parse(data) as SessionEvent;
      if (event.type === "ended") opened.close();
      onEvent(event);
    };
    opened.onerror = () => {
      if (opened.readyState === EventSource.CLOSED) timer = setTimeout(open, RETRY);
    };
  };

  const close = () => {
    clearTimeout(timer);
    source?.close();
    source = undefined;
  };

  return {
    open,
    close,
    /** Whether it was opened and not closed, even if it is being tried again. */
    isHeld: () => source !== undefined,
  };
}
