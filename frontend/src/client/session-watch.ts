import { isLeavingPage, type Message, SESSION } from "#client/session-channel.ts";
import { sessionConnection } from "#client/session-connection.ts";
import type { SessionEvent } from "#contract/session-events.ts";

type Ended = Extract<SessionEvent, { type: "ended" }>;

/** How it comes that a page must not show any more what it shows. */
export type PageEnd =
  | Ended
  | { type: "signed-out" }
  /** Somebody signed in in this browser; `isSame` when it is the person whom the page is for. */
  | { type: "signed-in"; isSame: boolean };

/** Milliseconds that a tab's change is waited for. */
const CHANGING = 15_000;

/** Calls `onEnd` when the session of `subject`, whom the page is for, is over, or this browser is somebody else's, until
 * the answer is called. One tab of the browser holds the connection that tells it; the others hear it from that one. */
export function watchSession(subject: string, onEnd: (end: PageEnd) => void): () => void {
  const channel = new BroadcastChannel(SESSION);
  const leadership = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let changingUntil = 0;
  /** Whether the connection has told of a session that lives. */
  let wasLive = false;
  /** The end of that session, until it is known whether the browser has another one. */
  let over: Ended | undefined;

  const connection = sessionConnection((event) => {
    if (event.type === "live") {
      wasLive = true;
      over = undefined;
      return tell(event);
    }
    over ??= event;
    if (performance.now() < changingUntil) timer = setTimeout(settle, CHANGING);
    // A tab may have replaced it, and not have been heard yet.
    else if (wasLive) ask();
    else tell(over);
  });

  const ask = () => {
    wasLive = false;
    connection.open();
  };

  /** After a change a new connection tells whose session there is now, if any. */
  const settle = () => {
    changingUntil = 0;
    clearTimeout(timer);
    if (connection.isHeld() && over) ask();
  };

  const tell = (event: SessionEvent) => {
    channel.postMessage({ type: "event", event } satisfies Message);
    take(event);
  };

  const end = (event: PageEnd) => {
    if (isLeavingPage()) return;
    resign();
    onEnd(event);
  };

  const take = (event: SessionEvent) => {
    if (event.type === "ended") end(event);
    // The same person may have signed in again by a form without scripts, of which no tab is told.
    else if (event.subject === subject) onEnd({ type: "signed-in", isSame: true });
    else end({ type: "signed-in", isSame: false });
  };

  const resign = () => {
    leadership.abort();
    clearTimeout(timer);
    connection.close();
  };

  channel.onmessage = ({ data }: MessageEvent<Message>) => {
    if (data.type === "event") take(data.event);
    else if (data.type === "changing") changingUntil = performance.now() + CHANGING;
    else if (data.type === "changed") settle();
    else if (data.type === "signed-out") end(data);
    else if (data.subject !== subject) end({ type: "signed-in", isSame: false });
    else onEnd({ type: "signed-in", isSame: true });
  };

  leadTabs(ask, leadership.signal);

  return () => {
    resign();
    channel.close();
  };
}

/** Calls `lead` once, in one tab of the browser at a time, which leads until `signal` is aborted. */
function leadTabs(lead: () => void, signal: AbortSignal): void {
  const led = () =>
    new Promise<void>((resolve) => {
      // Aborting does not withdraw a lock that was granted in the meantime.
      if (signal.aborted) return resolve();
      lead();
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
  // Where there are no locks (an insecure origin), each tab leads.
  if (navigator.locks) navigator.locks.request(SESSION, { signal }, led).catch(() => undefined);
  else void led();
}
