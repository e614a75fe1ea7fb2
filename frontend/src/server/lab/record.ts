import { setTimeout as sleep } from "node:timers/promises";
import type { DatabaseRecord } from "#contract/lab.ts";
import { database } from "#server/database.ts";
import type { Guest } from "#server/lab/guest.ts";

/** Milliseconds between two looks: often enough to be exact, seldom enough to slow down nothing. */
const POLL = 3;

type Row = {
  written: number;
  committed: number | null;
  listener: string | null;
  acknowledged: number | null;
};

type FollowOptions = { since: string; listeners: string[]; patience: number; onWritten: () => void };

/** A moment by the database's clock, in full precision. */
export async function databaseNow(): Promise<string> {
  const { rows } = await database().query<{ now: string }>("SELECT clock_timestamp()::text AS now");
  return rows[0]?.now ?? "";
}

/** Reads the record of the guest's revocation until every listener has acknowledged it, or `patience` milliseconds are
 * over; calls `onWritten` when there is something. A listener's row keeps its last word only, so this looks often. */
export async function followRecord(
  guest: Guest,
  { since, listeners, patience, onWritten }: FollowOptions,
): Promise<DatabaseRecord | null> {
  const deadline = performance.now() + patience;
  const first = new Map<string, number>();
  let found: Row | undefined;
  do {
    const rows = await readRecord(guest, since, listeners);
    if (rows[0] && !found) onWritten();
    found = rows[0] ?? found;
    for (const { listener, acknowledged } of rows) {
      if (listener && acknowledged !== null && !first.has(listener)) first.set(listener, acknowledged);
    }
    if (first.size === listeners.length) break;
    await sleep(POLL);
  } while (performance.now() < deadline);
  return found
    ? {
        written: found.written,
        committed: found.committed,
        acknowledged: listeners.map((one) => first.get(one) ?? null),
      }
    : null;
}

async function readRecord(guest: Guest, since: string, listeners: string[]): Promise<Row[]> {
  const { sub, sid } = guest.decoded.claims;
  const { rows } = await database().query<Row>(
    `WITH written AS (
       SELECT xid, created_at,
              CASE WHEN current_setting('track_commit_timestamp')::boolean
                   THEN pg_xact_commit_timestamp(xid::xid) END AS committed_at
       FROM auth.revocation WHERE (sid = $1 OR sub = $2) AND created_at >= $3::timestamptz ORDER BY id LIMIT 1)
     SELECT extract(epoch FROM created_at - $3::timestamptz)::float8 * 1000 AS written,
            extract(epoch FROM committed_at - $3::timestamptz)::float8 * 1000 AS committed,
            l.id::text AS listener,
            extract(epoch FROM l.seen_at - $3::timestamptz)::float8 * 1000 AS acknowledged
     FROM written LEFT JOIN auth.revocation_listener l
       ON l.id = ANY ($4::uuid[]) AND pg_visible_in_snapshot(xid, l.upto)`,
    [sid, sub, since, listeners],
  );
  return rows;
}

/** Forgets these listeners, which have stopped on purpose: otherwise each sign-out of the next ten seconds, whoever's,
 * would wait for them. */
export async function forgetListeners(listeners: string[]): Promise<void> {
  await database().query("DELETE FROM auth.revocation_listener WHERE id = ANY ($1::uuid[])", [listeners]);
}
