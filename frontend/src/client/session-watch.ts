import { isLeavingPage, type Message, SESSION } from "#client/session-channel.ts";
import type { SessionEvent } from "#contract/session-events.ts";

/** How it comes that a page must not show any more what it shows. */
export type PageEnd =
  | Extract<SessionEvent, { type: "ended" }>
  | { type: "signed-out" }
  /** Somebody signed in in this browser; `isSame` when it is the person whom the page is for. */
  | { type: "signed-in"; isSame: boolean };

/** Milliseconds that a tab's change is waited for. */
const CHANGING = 15_000;
/** Milliseconds until a connection that was refused is tried again. */
const RETRY = 5_000;

/** Calls `onEnd` when the session of `subject`, whom the page is for, is over, or this browser is somebody else's, until
 * the answer is called. One tab of the browser holds the connection that tells it; the others hear it from that one. */
export function watchSession(subject: string, onEnd: (end: PageEnd) => void): () => void {
  const channel = new BroadcastChannel(SESSION);
  const leadership = new AbortController();
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let changingUntil = 0;
  let isUnclear = false;

  const end = (event: PageEnd) => {
    if (isLeavingPage()) return;
    resign();
    onEnd(event);
  };

  const take = (event: SessionEvent) => {
    if (event.type === "live") {
      // The same person may have signed in again by a form without scripts, of which no tab is told.
      if (event.subject === subject) onEnd({ type: "signed-in", isSame: true });
      else end({ type: "signed-in", isSame: false });
    } else if (performance.now() < changingUntil) {
      isUnclear = true;
      clearTimeout(timer);
      timer = setTimeout(settle, CHANGING);
    } else {
      end(event);
    }
  };

  /** After a change the connection tells whose session there is now, if any. */
  const settle = () => {
    changingUntil = 0;
    if (!isUnclear) return;
    isUnclear = false;
    if (source) connect();
  };

  const connect = () => {
    clearTimeout(timer);
    source?.close();
    const opened = new EventSource("/api/session/events");
    source = opened;
    opened.onmessage = ({ data }: MessageEvent<string>) => {
      const event = JSON.parse(data) as SessionEvent;
      if (event.type === "ended") opened.close();
      channel.postMessage({ type: "event", event } satisfies Message);
      take(event);
    };
    opened.onerror = () => {
      if (opened.readyState === EventSource.CLOSED) timer = setTimeout(connect, RETRY);
    };
  };

  const resign = () => {
    leadership.abort();
    clearTimeout(timer);
    source?.close();
    source = undefined;
  };

  channel.onmessage = ({ data }: MessageEvent<Message>) => {
    if (data.type === "event") take(data.event);
    else if (data.type === "changing") changingUntil = performance.now() + CHANGING;
    else if (data.type === "changed") settle();
    else if (data.type === "signed-out") end(data);
    else if (data.subject !== subject) end({ type: "signed-in", isSame: false });
    else onEnd({ type: "signed-in", isSame: true });
  };

  const lead = () =>
    new Promise<void>((resolve) => {
      // Aborting does not withdraw a lock that was granted in the meantime.
      if (leadership.signal.aborted) return resolve();
      connect();
      leadership.signal.addEventListener("abort", () => resolve(), { once: true });
    });
  // Where there are no locks (an insecure origin), each tab holds a connection.
  if (navigator.locks) {
    navigator.locks.request(SESSION, { signal: leadership.signal }, lead).catch(() => undefined);
  } else {
    void lead();
  }

  return () => {
    resign();
    channel.close();
  };
}
