import { database } from "#server/database.ts";

/** How often something may be tried: `burst` times at once, then after a pause that doubles up to `longest`. After `memory`
 * without an attempt all is forgotten. In seconds. */
export type Rule = { burst: number; pause: number; longest: number; memory: number };

/** The number of this attempt, from 1; or how many seconds to wait when it may not be made. */
export type Turn = { attempt: number } | { retryAfter: number };

/** Longest memory of any rule; older rows count for nothing. */
const FORGOTTEN = 86_400;

/** Counts an attempt under `key`, in one statement, so that of any number at a time, on any number of instances, no more
 * get through than may. One that has to wait writes nothing: nobody can prolong the pause by asking in it.
 * The time is the clock's, not the transaction's start: statements queue for the row. */
export async function takeTurn(key: string, { burst, pause, longest, memory }: Rule): Promise<Turn> {
  const { rows } = await database().query<{ count: number }>(
    `INSERT INTO auth.throttle AS t (id, key, count, "nextAt", "lastAt")
     VALUES (gen_random_uuid()::text, $1, 1,
             clock_timestamp() + make_interval(secs => CASE WHEN $2::int > 1 THEN 0 ELSE $3::int END), clock_timestamp())
     ON CONFLICT (key) DO UPDATE SET (count, "nextAt", "lastAt") = (
       SELECT n, clock_timestamp() + make_interval(secs =>
                CASE WHEN n < $2::int THEN 0 ELSE least($3::int * 2.0 ^ least(n - $2::int, 30), $4::int) END), clock_timestamp()
       FROM (SELECT CASE WHEN t."lastAt" < clock_timestamp() - make_interval(secs => $5::int) THEN 1 ELSE t.count + 1 END AS n) s
     )
     WHERE t."nextAt" <= clock_timestamp() OR t."lastAt" < clock_timestamp() - make_interval(secs => $5::int)
     RETURNING count::int`,
    [key, burst, pause, longest, memory],
  );
  const [taken] = rows;
  if (!taken) return { retryAfter: await secondsToWait(key) };
  if (taken.count === 1) await forgetSome();
  return { attempt: taken.count };
}

/** Gives back one attempt that was cut short by an outage. The pause that it began is over, unless a later attempt has begun
 * another. */
export async function giveTurnBack(key: string, attempt: number): Promise<void> {
  await database().query(
    `UPDATE auth.throttle SET count = count - 1, "nextAt" = CASE WHEN count = $2 THEN clock_timestamp() ELSE "nextAt" END
     WHERE key = $1 AND count > 0`,
    [key, attempt],
  );
}

/** Gives every attempt under `key` back. */
export async function clearTurns(key: string): Promise<void> {
  await database().query("DELETE FROM auth.throttle WHERE key = $1", [key]);
}

async function secondsToWait(key: string): Promise<number> {
  const { rows } = await database().query<{ seconds: number }>(
    `SELECT ceil(extract(epoch FROM "nextAt" - now()))::int AS seconds FROM auth.throttle WHERE key = $1`,
    [key],
  );
  return Math.max(1, rows[0]?.seconds ?? 1);
}

/** Each new row removes up to a few old ones, so that the table does not grow for good. */
const forgetSome = () =>
  database().query(
    `DELETE FROM auth.throttle WHERE id IN (
       SELECT id FROM auth.throttle WHERE "lastAt" < now() - make_interval(secs => $1) LIMIT 10
       FOR UPDATE SKIP LOCKED
     )`,
    [FORGOTTEN],
  );

/** The table behind it, for Better Auth's migrator. */
export const throttleSchema = {
  throttle: {
    fields: {
      key: { type: "string", required: true, unique: true },
      count: { type: "number", required: true },
      nextAt: { type: "date", required: true },
      lastAt: { type: "date", required: true, index: true },
    },
  },
} as const;
