import { randomUUID } from "node:crypto";
import { timeOfIssue } from "better-auth-revocation/composition";
import { database } from "#server/database.ts";
import { currentIssuing, type Issuing } from "#server/identity/issuing.ts";
import { tagOf } from "#server/identity/tag.ts";
import { log, summarize } from "#server/log.ts";
import { rightsOfNewcomer } from "#server/revocation/token-state.ts";

/** Seconds that a record is kept. */
const KEPT = 86_400;

/** Seconds after which a request that left neither an account nor a refusal counts as dead. */
const DEAD_AFTER = 60;

/** What is known of a sign-up with a key: whom it made and which token it gave. Neither the token, nor anything that a
 * password could be guessed by. */
export type IdempotencyRecord = {
  bodyTag: string;
  userId: string | null;
  sessionId: string | null;
  iat: number | null;
  jti: string | null;
};

/** Any text that prints. */
export const isIdempotencyKey = (key: string): boolean => /^[\x20-\x7e]{1,255}$/.test(key);

const exact = (text: string) => Buffer.from(text).toString("hex");

export const keyTag = (key: string): string => tagOf("idempotency-key", exact(key));

/** Stands for what the body says besides the password. */
const bodyTag = ({ name, email }: Issuing["input"]): string =>
  tagOf("idempotency-body", exact(JSON.stringify([name, email])));

/** Takes the key for this request, or gives what it was taken for. Of any number at once, on any number of instances, one
 * gets it. */
export async function reserve(key: string, input: Issuing["input"]): Promise<IdempotencyRecord | undefined> {
  const values = [keyTag(key), bodyTag(input), DEAD_AFTER, KEPT];
  const { rowCount } = await database().query(
    `INSERT INTO auth."idempotencyKey" AS k (id, key, "bodyTag", "createdAt")
     VALUES (gen_random_uuid()::text, $1, $2, clock_timestamp())
     ON CONFLICT (key) DO UPDATE SET "bodyTag" = $2, "createdAt" = clock_timestamp(),
       "userId" = NULL, "sessionId" = NULL, kid = NULL, iat = NULL, jti = NULL
     WHERE (k."sessionId" IS NULL AND k."createdAt" < clock_timestamp() - make_interval(secs => $3::int))
        OR k."createdAt" < clock_timestamp() - make_interval(secs => $4::int)`,
    values,
  );
  if (rowCount) {
    await forgetSome();
    return undefined;
  }
  const { rows } = await database().query<IdempotencyRecord>(
    `SELECT "bodyTag", "userId", "sessionId", iat, jti FROM auth."idempotencyKey" WHERE key = $1`,
    [keyTag(key)],
  );
  // Given back in between: whoever asks again gets it.
  return rows[0] ?? { bodyTag: bodyTag(input), userId: null, sessionId: null, iat: null, jti: null };
}

export const isForBody = (record: IdempotencyRecord, input: Issuing["input"]): boolean =>
  record.bodyTag === bodyTag(input);

/** Decides what the token of a reserved sign-up will be. */
export async function decide({ idempotency }: Issuing): Promise<void> {
  if (!idempotency) return;
  idempotency.reserved = { iat: await timeOfIssue(await rightsOfNewcomer()), jti: randomUUID() };
}

/** What is stored with the session, in its transaction. */
export function recordOf(userId: string, sessionId: string) {
  const { idempotency, key } = currentIssuing() ?? {};
  if (!idempotency?.reserved || !key) return undefined;
  return {
    key: keyTag(idempotency.key),
    update: { userId, sessionId, kid: key.kid, ...idempotency.reserved },
  };
}

/** Gives the key of a request that did nothing back. */
export async function release({ idempotency }: Issuing): Promise<void> {
  if (!idempotency?.reserved) return;
  try {
    await database().query(`DELETE FROM auth."idempotencyKey" WHERE key = $1 AND "sessionId" IS NULL`, [
      keyTag(idempotency.key),
    ]);
  } catch (error) {
    log("warn", "idempotency_key_not_released", { cause: summarize(error) });
  }
}

/** Each new row removes up to a few old ones, so that the table does not grow for good. */
const forgetSome = () =>
  database().query(
    `DELETE FROM auth."idempotencyKey" WHERE id IN (
       SELECT id FROM auth."idempotencyKey" WHERE "createdAt" < now() - make_interval(secs => $1) LIMIT 10
       FOR UPDATE SKIP LOCKED
     )`,
    [KEPT],
  );

/** The table behind it, for Better Auth's migrator. */
export const idempotencySchema = {
  idempotencyKey: {
    fields: {
      key: { type: "string", required: true, unique: true },
      bodyTag: { type: "string", required: true },
      createdAt: { type: "date", required: true, index: true },
      userId: { type: "string", required: false },
      sessionId: { type: "string", required: false },
      kid: { type: "string", required: false },
      iat: { type: "number", required: false },
      jti: { type: "string", required: false },
    },
  },
} as const;
