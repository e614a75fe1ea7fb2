import { getMigrations } from "better-auth/db/migration";
import { database } from "#server/database.ts";
import { ConfigurationError, env } from "#server/env.ts";
import { assertKeysDecrypt, CommandError, ensureSigningKey } from "#server/identity/key-rotation.ts";
import { auth } from "#server/identity/server.ts";
import { log, summarize } from "#server/log.ts";
import { inspectRevocations } from "#server/revocation/install.ts";

/** Undefined table or function. */
const NOT_THERE = new Set(["42P01", "42883"]);

/** Stops the start on a configuration that can't work; a database that is still coming up does not.
 * @throws ConfigurationError with a line that names the variable and the remedy */
export async function assertStartable(): Promise<void> {
  env();
  try {
    await assertPrepared();
    await ensureSigningKey();
  } catch (error) {
    const known = explained(error);
    if (known) throw known;
    log("warn", "database_unreachable_at_start", { cause: summarize(error) });
  }
}

/** Whether the database has what this program needs, under keys that its secret opens. Changes nothing.
 * @throws whatever {@link explained} explains, or the database's failure */
export async function assertPrepared(): Promise<void> {
  const schema = await database().query<{ schema: string | null }>("SELECT current_schema() AS schema");
  if (schema.rows[0]?.schema !== "auth") throw new NotMigrated();
  const { toBeCreated, toBeAdded } = await getMigrations(auth().options);
  if (toBeCreated.length || toBeAdded.length) throw new NotMigrated();
  await assertRevocationsWork();
  await assertKeysDecrypt();
}

/** The configuration behind a failure of {@link assertPrepared}; nothing for a database that can't be reached. */
export function explained(error: unknown): ConfigurationError | undefined {
  if (error instanceof ConfigurationError) return error;
  if (error instanceof CommandError) {
    return new ConfigurationError(
      "BETTER_AUTH_SECRET does not open the signing keys; restore the former secret, or keep it as an older one in BETTER_AUTH_SECRETS",
    );
  }
  if (error instanceof NotMigrated || NOT_THERE.has(String((error as { code?: string }).code))) {
    return new ConfigurationError(
      "DATABASE_URL leads to a database that is not prepared; run `make migrate`",
    );
  }
  return undefined;
}

async function assertRevocationsWork(): Promise<void> {
  const inspected = await inspectRevocations(database(), env().ACCESS_TOKEN_LIFETIME);
  if (!inspected) throw new NotMigrated();
  const { current, damaged, tokenLifetime } = inspected;
  if (damaged.length) {
    throw new ConfigurationError(
      `DATABASE_URL leads to a database whose revocation triggers are gone or altered (${damaged.join(", ")}); run \`make migrate\``,
    );
  }
  if (!current) {
    throw new ConfigurationError(
      "DATABASE_URL leads to a database whose revocation feed is out of date; run `make migrate`",
    );
  }
  if (tokenLifetime < env().ACCESS_TOKEN_LIFETIME) {
    throw new ConfigurationError(
      "ACCESS_TOKEN_LIFETIME is longer than the database keeps revocations; run `make migrate`",
    );
  }
}

class NotMigrated extends Error {}
