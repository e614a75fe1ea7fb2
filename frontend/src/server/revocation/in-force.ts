import { InForce } from "better-auth-revocation/composition";
import { database } from "#server/database.ts";
import { log, summarize } from "#server/log.ts";
import { observeWait } from "#server/metrics/registry.ts";
import { revocations } from "#server/revocation/store.ts";

const inForce = new InForce(
  () => revocations().store,
  (error) => log("warn", "revocation_not_awaited", { cause: summarize(error) }),
  observeWait,
);

/** Resolves once all that was revoked before this call is refused by every resource server that follows the feed, after two
 * seconds at most.
 *
 * A notification reaches a process some milliseconds after the commit. An answer such as "you are signed out" waits for
 * that, so that it is true when it arrives. A resource server that does not follow in time is logged, held to its own bound
 * on staleness, and not waited for again before it is back. */
export async function revocationsInForce(): Promise<void> {
  if (!(await inForce.wait())) log("warn", "revocation_not_acknowledged");
}

/** Milliseconds from a session's revocation until the last resource server that follows the feed had acknowledged it, by the
 * database's own record; nothing when one has not, or nobody follows. To be asked once {@link revocationsInForce} is over. */
export async function inForceAfter(sessionId: string): Promise<number | undefined> {
  const { rows } = await database().query<{ after: number | null }>(
    `SELECT extract(epoch FROM max(l.seen_at) - r.created_at)::float8 * 1000 AS after
     FROM (SELECT xid, created_at FROM auth.revocation WHERE sid = $1 ORDER BY id LIMIT 1) r
     CROSS JOIN auth.revocation_listener l
     WHERE l.epoch = auth.revocation_epoch() AND l.seen_at > clock_timestamp() - interval '10 seconds'
     GROUP BY r.created_at HAVING bool_and(pg_visible_in_snapshot(r.xid, l.upto))`,
    [sessionId],
  );
  return rows[0]?.after ?? undefined;
}
