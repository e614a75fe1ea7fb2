import { PUBLICATION_LEAD, type SigningKey, SigningKeys } from "better-auth-revocation/composition";
import { env } from "#server/env.ts";
import { auth } from "#server/identity/server.ts";
import { SCHEMA } from "#server/revocation/install.ts";
import { revocations } from "#server/revocation/store.ts";

export class CommandError extends Error {
  override readonly name = "CommandError";
}

/** The signing keys under the current configuration. */
async function signingKeys(): Promise<SigningKeys> {
  const { adapter, secretConfig } = await auth().$context;
  return new SigningKeys({
    database: revocations().database,
    schema: SCHEMA,
    adapter,
    secret: secretConfig,
    algorithm: env().JWT_ALGORITHM,
    gracePeriod: env().JWKS_GRACE_PERIOD,
  });
}

/** Runs `work`, and turns a refusal into one line for the operator.
 * @throws CommandError */
async function onKeys<T>(work: (keys: SigningKeys) => Promise<T>): Promise<T> {
  try {
    return await work(await signingKeys());
  } catch (error) {
    if (error instanceof Error && error.name === "RevocationError") throw new CommandError(error.message);
    throw error;
  }
}

/** Each key with its state, and the time when it leaves the key set. */
export const describeKeys = () =>
  onKeys(async (keys) =>
    (await keys.list()).map((key) => ({ key, state: keys.stateOf(key), end: keys.endOf(key) })),
  );

export const listKeys = (): Promise<SigningKey[]> => onKeys((keys) => keys.list());
export const ensureSigningKey = (): Promise<SigningKey> => onKeys((keys) => keys.ensure());
export const rotateKey = (lead = PUBLICATION_LEAD): Promise<SigningKey> =>
  onKeys((keys) => keys.rotate(lead));
export const replaceKeys = (wait?: () => Promise<void>): Promise<SigningKey> =>
  onKeys((keys) => keys.replace(wait));
export const retireKey = (id: string, wait?: () => Promise<void>): Promise<void> =>
  onKeys((keys) => keys.retire(id, wait));
export const assertKeysDecrypt = (): Promise<void> => onKeys((keys) => keys.assertReadable());
