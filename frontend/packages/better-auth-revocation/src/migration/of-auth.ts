import type { BetterAuthOptions } from "better-auth";
import { Database, type DatabaseOption, poolOf } from "../database/database.ts";
import { RevocationError } from "../errors.ts";
import { type AdapterDescription, candidatesOf } from "../names/candidates.ts";
import { confirmTables } from "../names/catalog.ts";
import { type RevocableJwtOptions, type Settings, settingsOf } from "../plugin/options.ts";
import type { Installation } from "../sql/names.ts";

/** The part of what `betterAuth()` returns that a migration needs. */
export interface MigratedAuth {
  options: BetterAuthOptions;
  $context: Promise<{ adapter: AdapterDescription }>;
}

/** The settings of the `revocableJwt()` among the plugins.
 * @throws RevocationError when it is not there */
export function pluginSettings({ plugins }: BetterAuthOptions): Settings {
  const plugin = plugins?.find(({ id }) => id === "revocation");
  if (!plugin) throw new RevocationError("revocableJwt() is not among Better Auth's plugins; add it first");
  return settingsOf(plugin.options as unknown as RevocableJwtOptions);
}

/** The database that the plugin works on. To be closed by `end()`.
 * @param address instead of what the options say
 * @throws RevocationError where there is none */
export function databaseOf(
  options: BetterAuthOptions,
  settings: Settings,
  address?: DatabaseOption,
): Database {
  const given = address ?? settings.database ?? poolOf(options.database);
  if (given === undefined) {
    throw new RevocationError(
      "Better Auth's adapter shares no connection; give a direct Postgres address as `database`",
    );
  }
  return new Database(given);
}

/** What is to be installed: over Better Auth's tables as the database has them.
 * @throws RevocationError when a table is missing, or could be two */
export async function installationOf(
  options: BetterAuthOptions,
  adapter: AdapterDescription,
  settings: Settings,
  database: Database,
): Promise<Installation> {
  const tables = await confirmTables(database, await candidatesOf(options, adapter, settings.tables));
  return { schema: settings.schema, tables, tokenLifetime: settings.lifetime };
}
