import { Database, type DatabaseOption } from "./database/database.ts";
import { type Inspection, inspectInstallation } from "./migration/inspect.ts";
import { migrate } from "./migration/migrate.ts";
import { privilegesOf } from "./migration/privileges.ts";
import type { Installation } from "./sql/names.ts";

export { RevocationError } from "./errors.ts";
export type { Inspection } from "./migration/inspect.ts";
export { installationScript } from "./migration/script.ts";
export type { AuthTables } from "./names/model.ts";
export { standardTables } from "./names/standard.ts";
export type { Installation } from "./sql/names.ts";

/** Installs, upgrades or repairs, in one transaction; returns what was done, a line each.
 * @param database a direct address, as the owner of Better Auth's tables
 * @param reader the database role of the resource servers: it gets what it needs to follow the feed, and nobody has more
 * @throws RevocationError when it can't be done; nothing was done then */
export async function migrateDatabase(
  database: DatabaseOption,
  wanted: Installation,
  reader?: string,
): Promise<string[]> {
  const opened = new Database(database);
  try {
    const steps = await migrate(opened, wanted, { afterwards: privilegesOf(wanted.schema, reader) });
    return steps.map(({ title }) => title);
  } finally {
    await opened.end();
  }
}

/** Looks at an installation, and changes nothing; nothing where nothing is installed. */
export async function inspectDatabase(
  database: DatabaseOption,
  wanted: Installation,
): Promise<Inspection | undefined> {
  const opened = new Database(database);
  try {
    return await inspectInstallation(opened, wanted);
  } finally {
    await opened.end();
  }
}
