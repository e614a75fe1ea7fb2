import { database } from "#server/database.ts";

/** `max` requests in `window` seconds; each one that is allowed begins the window anew, as in Better Auth. */
type Rule = { window: number; max: number };

/** Whether a request may be carried out; if not, in how many seconds. */
type Decision = { allowed: boolean; retryAfter: number | null };

/** Counts requests under a key; counting and deciding is one step, so that no number of them at a time gets past. */
export type RateLimits = { consume(key: string, rule: Rule): Promise<Decision> };

const ALLOWED: Decision = { allowed: true, retryAfter: null };

/** Counts of this process alone. `now` is in milliseconds; of more than `most` keys the oldest are forgotten. */
export function limitsInMemory(now = () => performance.now(), most = 50_000): RateLimits {
  const counts = new Map<string, { count: number; last: number; window: number }>();
  const forgetSome = () => {
    let looked = 0;
    for (const [key, { last, window }] of counts) {
      const over = counts.size > most || now() - last >= window;
      if (!over || looked++ === 10) return;
      counts.delete(key);
    }
  };
  return {
    consume: async (key, rule) => {
      const window = rule.window * 1000;
      const held = counts.get(key);
      const left = held ? window - (now() - held.last) : 0;
      if (held && left > 0 && held.count >= rule.max)
        return { allowed: false, retryAfter: Math.ceil(left / 1000) };
      // Taken out and put back: the map is in the order of the last requests.
      counts.delete(key);
      counts.set(key, { count: held && left > 0 ? held.count + 1 : 1, last: now(), window });
      forgetSome();
      return ALLOWED;
    },
  };
}

/** Counts of all processes, one statement each. */
export const limitsInDatabase: RateLimits = {
  consume: async (key, { window, max }) => {
    const { rows } = await database().query<{ count: number }>({
      text: COUNT,
      values: [key, window, max],
    });
    const [counted] = rows;
    if (!counted) return { allowed: false, retryAfter: await secondsToWait(key, window) };
    if (counted.count === 1) await database().query(FORGET_SOME, [Math.max(window, LONGEST)]);
    return ALLOWED;
  },
};

const NOW = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint";

const COUNT = `
INSERT INTO auth."rateLimit" AS held (id, key, count, "lastRequest") VALUES (gen_random_uuid()::text, $1, 1, ${NOW})
ON CONFLICT (key) DO UPDATE SET
  count = CASE WHEN held."lastRequest" <= ${NOW} - $2::bigint * 1000 THEN 1 ELSE held.count + 1 END,
  "lastRequest" = ${NOW}
WHERE held."lastRequest" <= ${NOW} - $2::bigint * 1000 OR held.count < $3::int
RETURNING count::int`;

/** Seconds after which a row counts for nothing, whatever its rule. */
const LONGEST = 3_600;

const FORGET_SOME = `
DELETE FROM auth."rateLimit" WHERE id IN (
  SELECT id FROM auth."rateLimit" WHERE "lastRequest" < ${NOW} - $1::bigint * 1000 LIMIT 10 FOR UPDATE SKIP LOCKED
)`;

async function secondsToWait(key: string, window: number): Promise<number> {
  const { rows } = await database().query<{ seconds: number }>(
    `SELECT ceil($2::int - (${NOW} - "lastRequest") / 1000.0)::int AS seconds FROM auth."rateLimit" WHERE key = $1`,
    [key, window],
  );
  return Math.max(1, rows[0]?.seconds ?? 1);
}

/** Those that only read are counted in memory: to write for each would cost more than the answer. */
export function rateLimits(storage: "database" | "memory"): RateLimits {
  const inMemory = limitsInMemory();
  if (storage === "memory") return inMemory;
  return {
    consume: (key, rule) =>
      (READS.has(key.slice(key.indexOf("|") + 1)) ? inMemory : limitsInDatabase).consume(key, rule),
  };
}

/** Endpoints that are asked often, change nothing and let nobody guess. */
const READS = new Set(["/get-session", "/token", "/account/sessions", "/account/activity"]);
