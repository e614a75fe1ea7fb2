import { getMigrations } from "better-auth/db/migration";
import type { DatabaseOption } from "../database/database.ts";
import { migrate } from "../migration/migrate.ts";
import { databaseOf, installationOf, type MigratedAuth, pluginSettings } from "../migration/of-auth.ts";

/** Prepares a test's empty database: Better Auth's own tables, where its adapter is Kysely's, then the plugin's objects.
 * With another adapter create Better Auth's tables first, by that adapter's tools.
 * @param options.database a direct address instead of the one that the plugin has */
export async function prepareDatabase(
  auth: MigratedAuth,
  options: { database?: DatabaseOption } = {},
): Promise<void> {
  const { adapter } = await auth.$context;
  if (adapter.id === "kysely") {
    const { runMigrations } = await getMigrations(auth.options);
    await runMigrations();
  }
  const settings = pluginSettings(auth.options);
  const database = databaseOf(auth.options, settings, options.database);
  try {
    await migrate(database, await installationOf(auth.options, adapter, settings, database));
  } finally {
    await database.end();
  }
}
