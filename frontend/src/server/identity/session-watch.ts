import "server-only";
import { Wake } from "better-auth-revocation/composition";
import type { SessionEvent } from "#contract/session-events.ts";
import { database } from "#server/database.ts";
import { reasonOf } from "#server/identity/end-of-session.ts";
import { log, summarize } from "#server/log.ts";
import { revocations } from "#server/revocation/store.ts";

/** Milliseconds to wait for a notification at a time; without one the listener looks after a second of its own accord. A
 * session's time runs out without one. */
const INTERVAL = 5_000;
/** Browsers hold one connection each; more than this of one session are nobody's tabs. */
const WATCHERS_OF_A_SESSION = 20;

/** A session as its watcher was let in with it; times in milliseconds. */
export type Watched = { id: string; userId: string; createdAt: number; expiresAt: number };

type Listener = (event: SessionEvent) => void;

/** Who watches which session in this process. */
const watching = new Map<string, { session: Watched; listeners: Set<Listener> }>();
let stop: AbortController | undefined;
let wake: Wake | undefined;

/** Calls `listener` once the session is over, whoever has ended it and by whichever process, until the answer is called;
 * nothing when too many watch it already. */
export function watchSession(session: Watched, listener: Listener): (() => void) | undefined {
  const entry = watching.get(session.id) ?? { session, listeners: new Set() };
  if (entry.listeners.size >= WATCHERS_OF_A_SESSION) return undefined;
  entry.listeners.add(listener);
  watching.set(session.id, entry);
  if (!stop) void follow();
  return () => {
    entry.listeners.delete(listener);
    if (entry.listeners.size || watching.get(session.id) !== entry) return;
    watching.delete(session.id);
    if (!watching.size) stop?.abort();
  };
}

/** How many listeners wait for the end of a session in this process. */
export const openSessionStreams = (): number =>
  [...watching.values()].reduce((sum, { listeners }) => sum + listeners.size, 0);

/** Looks after each notification, and now and then, for as long as somebody watches. */
async function follow(): Promise<void> {
  const ending = new AbortController();
  stop = ending;
  wake ??= new Wake(revocations().database);
  while (!ending.signal.aborted) {
    const known = wake.heard;
    const channels = await look().catch((error: unknown) => {
      log("warn", "sessions_not_watched", { cause: summarize(error) });
      return undefined;
    });
    // What came before the connection stood was not heard: look once more.
    if (channels && (await wake.listen(channels))) continue;
    await wake.next(known, INTERVAL, ending.signal);
  }
  stop = undefined;
  if (watching.size) void follow();
}

/** Tells the watchers of every session that is over by now; answers with the channels to listen to. */
async function look(): Promise<string[]> {
  // Who comes while the database answers is asked about the next time.
  const asked = [...watching.values()];
  const { rows } = await database().query<{ live: string[]; channels: string[] }>(
    `SELECT ARRAY(SELECT s.id::text FROM auth.session s JOIN auth."user" u ON u.id = s."userId"
                  WHERE s.id::text = ANY ($1) AND s."expiresAt" > now()
                    AND NOT (u.banned IS TRUE AND (u."banExpires" IS NULL OR u."banExpires" > now()))) AS live,
            ARRAY(SELECT name FROM auth.revocation_channel ORDER BY id) AS channels`,
    [asked.map(({ session }) => session.id)],
  );
  const [{ live, channels } = { live: [], channels: [] }] = rows;
  const alive = new Set(live);
  const over = asked.filter(({ session }) => !alive.has(session.id));
  await Promise.all(
    over.map(async ({ session, listeners }) => {
      const event = await endOf(session);
      // It may have been opened after the look, but an id never comes back.
      watching.delete(session.id);
      for (const listener of listeners) listener(event);
    }),
  );
  return channels;
}

/** How a session ended that is over. */
async function endOf({ id, userId, createdAt, expiresAt }: Watched): Promise<SessionEvent> {
  const [reason, { rows }] = await Promise.all([
    reasonOf({ subject: userId, since: createdAt / 1000, expires: expiresAt / 1000 }),
    database().query<{ at: Date }>(
      `SELECT created_at AS at FROM auth.revocation WHERE sid = $1 ORDER BY id LIMIT 1`,
      [id],
    ),
  ]);
  return { type: "ended", reason, at: (rows[0]?.at ?? new Date()).toISOString() };
}
