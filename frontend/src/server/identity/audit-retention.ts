import { database } from "#server/database.ts";
import { env } from "#server/env.ts";
import { log, summarize } from "#server/log.ts";

/** Rows of one statement, so that none holds many locks. */
const BATCH = 1_000;
/** Statements of one run: the rest is left to the next. */
const BATCHES = 50;
/** Milliseconds. */
const INTERVAL = 3_600_000;

/** The oldest events are found by it. Better Auth's migrator gives an index to new columns only. */
export const AUDIT_AGE_SQL = `
CREATE INDEX IF NOT EXISTS audit_event_age ON auth."auditEvent" ("createdAt")
`;

/** Deletes what was recorded longer ago than AUDIT_RETENTION, oldest first, up to a bound. Of several instances each
 * takes other rows.
 * @returns how many */
export async function forgetOldEvents(): Promise<number> {
  let forgotten = 0;
  for (let batch = 0; batch < BATCHES; batch++) {
    const { rowCount } = await database().query(
      `DELETE FROM auth."auditEvent" WHERE id IN (
         SELECT id FROM auth."auditEvent" WHERE "createdAt" < now() - make_interval(secs => $1)
         ORDER BY "createdAt" LIMIT $2 FOR UPDATE SKIP LOCKED
       )`,
      [env().AUDIT_RETENTION, BATCH],
    );
    forgotten += rowCount ?? 0;
    if ((rowCount ?? 0) < BATCH) break;
  }
  return forgotten;
}

/** Does so now and every hour, in the background. */
export function forgetOldEventsRegularly(): void {
  const sweep = () =>
    forgetOldEvents().catch((error: unknown) =>
      log("warn", "audit_events_not_forgotten", { cause: summarize(error) }),
    );
  void sweep();
  setInterval(sweep, INTERVAL).unref();
}
