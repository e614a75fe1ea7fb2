import { rememberSignedIn } from "#client/signed-in-hint.ts";
import type { SessionEvent } from "#contract/session-events.ts";

/** What the tabs of a browser tell each other of its session. */
export type Message =
  | { type: "event"; event: SessionEvent }
  | { type: "signed-out" }
  | { type: "signed-in"; subject: string }
  /** A tab is about to end the session, or to replace it. */
  | { type: "changing" }
  /** It has, or has failed. */
  | { type: "changed" };

/** Name of the tabs' channel, and of the lock that one of them holds. */
export const SESSION = "session";

/** Whether this tab is about to leave its page, because the person signs out in it. */
let isLeaving = false;

export const isLeavingPage = (): boolean => isLeaving;

/** Tells all tabs, this one too. */
function tell(message: Message): void {
  const channel = new BroadcastChannel(SESSION);
  channel.postMessage(message);
  channel.close();
}

/** Makes a call that replaces this browser's session by another one: the end of the former is none to be told. */
export async function replacingSession<T>(call: () => Promise<T>): Promise<T> {
  tell({ type: "changing" });
  try {
    return await call();
  } finally {
    tell({ type: "changed" });
  }
}

/** Makes a call by which somebody signs in, and tells the other tabs who. */
export async function signingIn<User extends { id: string }>(call: () => Promise<User>): Promise<User> {
  const user = await replacingSession(call);
  rememberSignedIn(true);
  tell({ type: "signed-in", subject: user.id });
  return user;
}

/** Makes a call that ends this browser's session by the person's own wish, and tells the other tabs. */
export async function signingOut(call: () => Promise<void>): Promise<void> {
  isLeaving = true;
  tell({ type: "changing" });
  try {
    await call();
    rememberSignedIn(false);
    tell({ type: "signed-out" });
  } catch (error) {
    isLeaving = false;
    tell({ type: "changed" });
    throw error;
  }
}

/** Calls `listener` when somebody signs in in another tab, until the answer is called. */
export function onSignedIn(listener: (subject: string) => void): () => void {
  const channel = new BroadcastChannel(SESSION);
  channel.onmessage = ({ data }: MessageEvent<Message>) => {
    if (data.type === "signed-in") listener(data.subject);
  };
  return () => channel.close();
}
