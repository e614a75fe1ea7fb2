import { symmetricDecrypt, symmetricEncrypt } from "better-auth/crypto";
import { generateExportedKeyPair } from "better-auth/plugins";
import type { PoolClient } from "pg";
import { env } from "#server/env.ts";
import { untilVisible } from "#server/identity/key-visibility.ts";
import { insertKey, readKeys, type SigningKey, signsAt, withKeyLock } from "#server/identity/keys.ts";
import { auth, jwtOptions } from "#server/identity/server.ts";

/** Seconds between a new key's publication and its first signature; longer than any resource server keeps a key set. */
export const PUBLICATION_LEAD = 900;

export class CommandError extends Error {
  override readonly name = "CommandError";
}

export type KeyState = "signing" | "published" | "retiring" | "dead";

/** What a key does at `now` (milliseconds): signs; waits to; verifies its last tokens; or nothing any more. */
export function stateOf(key: SigningKey, now: number): KeyState {
  const { activatesAt, expiresAt } = key;
  const willSign = !expiresAt || !activatesAt || activatesAt < expiresAt;
  if (activatesAt && activatesAt.getTime() > now && willSign) return "published";
  if (signsAt(key, now)) return "signing";
  const end = deadline(key);
  return end && end.getTime() <= now ? "dead" : "retiring";
}

/** When a key leaves the key set; nothing while no end is set. */
export const deadline = ({ expiresAt }: SigningKey): Date | undefined =>
  expiresAt ? new Date(expiresAt.getTime() + env().JWKS_GRACE_PERIOD * 1000) : undefined;

const isOfConfiguredAlgorithm = ({ alg }: SigningKey) => (alg ?? "EdDSA") === env().JWT_ALGORITHM;

export const listKeys = (): Promise<SigningKey[]> => withKeyLock(readKeys);

/** Makes sure that a key of the configured algorithm signs; safe to run twice and from two machines at once. */
export const ensureSigningKey = (): Promise<SigningKey> =>
  withKeyLock(async (client) => {
    const now = Date.now();
    const present = (await readKeys(client)).find((key) => isOfConfiguredAlgorithm(key) && signsAt(key, now));
    return present ?? (await createKey(client, new Date(now)));
  });

/** Publishes a new key that signs after `lead` seconds; the present ones then stop, and verify until their last token is dead. */
export const rotateKey = (lead = PUBLICATION_LEAD): Promise<SigningKey> =>
  withKeyLock(async (client) => {
    const now = Date.now();
    const keys = await readKeys(client);
    if (keys.some((key) => isOfConfiguredAlgorithm(key) && stateOf(key, now) === "published") && lead > 0) {
      throw new CommandError(
        "a new key is published already and will sign soon; there is nothing to rotate yet",
      );
    }
    const activatesAt = new Date(now + lead * 1000);
    const created = await createKey(client, activatesAt);
    await client.query(
      `UPDATE auth.jwks SET "expiresAt" = $1
       WHERE id <> $2 AND ("expiresAt" IS NULL OR "expiresAt" > $1)`,
      [activatesAt, created.id],
    );
    await client.query('DELETE FROM auth.jwks WHERE "expiresAt" < $1', [
      new Date(now - env().JWKS_GRACE_PERIOD * 1000),
    ]);
    return created;
  });

/** Replaces every key by a new one within seconds, for when one has leaked: what they signed, or will, is worth nothing. No
 * instance shows a former key when this returns. */
export async function replaceKeys(wait: () => Promise<void> = untilVisible): Promise<SigningKey> {
  const notYet = new Date(Date.now() + PUBLICATION_LEAD * 1000);
  const { id } = await withKeyLock((client) => createKey(client, notYet));
  // Shown everywhere first: a token by a key that an instance does not show would be refused.
  await wait();
  const replacement = await withKeyLock(async (client) => {
    await client.query('UPDATE auth.jwks SET "activatesAt" = $2 WHERE id = $1', [id, new Date()]);
    await client.query("DELETE FROM auth.jwks WHERE id <> $1", [id]);
    const [created] = await readKeys(client);
    if (!created) throw new CommandError("the new key was removed meanwhile; run it again");
    return created;
  });
  await wait();
  return replacement;
}

/** Withdraws a key: every token that it signed is refused from the next refresh of the key set on. No instance shows it
 * when this returns.
 * @throws CommandError for the last key that signs, or an unknown one */
export async function retireKey(id: string, wait: () => Promise<void> = untilVisible): Promise<void> {
  await withKeyLock(async (client) => {
    const keys = await readKeys(client);
    const now = Date.now();
    if (!keys.some((key) => key.id === id)) throw new CommandError(`there is no key ${id}`);
    if (!keys.some((key) => key.id !== id && stateOf(key, now) === "signing")) {
      throw new CommandError(`${id} is the only key that signs; rotate first`);
    }
    await client.query("DELETE FROM auth.jwks WHERE id = $1", [id]);
  });
  await wait();
}

/** Proves that the configured secret opens every key that may still sign.
 * @throws CommandError */
export async function assertKeysDecrypt(): Promise<void> {
  const { secretConfig } = await auth().$context;
  const keys = (await listKeys()).filter((key) =>
    ["signing", "published"].includes(stateOf(key, Date.now())),
  );
  for (const key of keys) {
    await symmetricDecrypt({ key: secretConfig, data: JSON.parse(key.privateKey) }).catch(() => {
      throw new CommandError(`key ${key.id} does not open`);
    });
  }
}

async function createKey(client: PoolClient, activatesAt: Date): Promise<SigningKey> {
  const { secretConfig } = await auth().$context;
  const { publicWebKey, privateWebKey, alg } = await generateExportedKeyPair(jwtOptions(env()));
  const encrypted = await symmetricEncrypt({ key: secretConfig, data: JSON.stringify(privateWebKey) });
  return insertKey(client, {
    alg,
    publicKey: JSON.stringify(publicWebKey),
    privateKey: JSON.stringify(encrypted),
    createdAt: new Date(),
    activatesAt,
    ...(publicWebKey.crv === "Ed25519" && { crv: "Ed25519" as const }),
  });
}
