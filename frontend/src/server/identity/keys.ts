import { randomUUID } from "node:crypto";
import type { Jwk } from "better-auth/plugins";
import type { PoolClient } from "pg";
import { database } from "#server/database.ts";
import { untilVisible } from "#server/identity/key-visibility.ts";

/** A row of `auth.jwks`; times in milliseconds inside the dates. */
export type SigningKey = Jwk & { activatesAt?: Date | null };

const LOCK = "signing-keys";

/** Whether `key` may sign at `now` (milliseconds): published before, activated, and not yet expired. */
export const signsAt = ({ activatesAt, expiresAt }: SigningKey, now: number): boolean =>
  (!activatesAt || activatesAt.getTime() <= now) && (!expiresAt || expiresAt.getTime() > now);

/** Runs `work` in a transaction that no other process that changes keys can interleave with. */
export async function withKeyLock<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await database().connect();
  try {
    await client.query("BEGIN");
    await client.query("SELECT pg_advisory_xact_lock(hashtext($1))", [LOCK]);
    const result = await work(client);
    await client.query("COMMIT");
    client.release();
    return result;
  } catch (error) {
    client.release(true);
    throw error;
  }
}

export const readKeys = async (client: PoolClient): Promise<SigningKey[]> =>
  (await client.query<SigningKey>('SELECT * FROM auth.jwks ORDER BY "createdAt"')).rows;

/** Stores `key` and gives it its id, the `kid` of the tokens that it signs. */
export async function insertKey(client: PoolClient, key: Omit<SigningKey, "id">): Promise<SigningKey> {
  const stored = await client.query<SigningKey>(
    `INSERT INTO auth.jwks (id, "publicKey", "privateKey", "createdAt", "expiresAt", alg, crv, "activatesAt")
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING *`,
    [
      randomUUID(),
      key.publicKey,
      key.privateKey,
      key.createdAt,
      key.expiresAt ?? null,
      key.alg ?? null,
      key.crv ?? null,
      key.activatesAt ?? null,
    ],
  );
  const [row] = stored.rows;
  if (!row) throw new Error("the key was not stored");
  return row;
}

/** Stores `key` unless one of its algorithm signs already: first requests in parallel end up with one key. Beside others it
 * is handed out only once every instance shows it. */
export async function createSigningKeyOnce(
  key: Omit<SigningKey, "id">,
  wait: () => Promise<void> = untilVisible,
): Promise<SigningKey> {
  const { signing, mustWait } = await withKeyLock(async (client) => {
    const keys = await readKeys(client);
    const present = keys.find((other) => other.alg === key.alg && signsAt(other, Date.now()));
    return {
      signing: present ?? (await insertKey(client, key)),
      mustWait: !present && keys.length > 0,
    };
  });
  if (mustWait) await wait();
  return signing;
}
