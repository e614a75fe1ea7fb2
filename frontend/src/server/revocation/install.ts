import {
  type Inspection,
  type Installation,
  inspectDatabase,
  installationScript,
  migrateDatabase,
  standardTables,
} from "better-auth-revocation/migration";
import type { Pool } from "pg";

const DAY = 86_400;

/** The schema of Better Auth's tables, and of the revocation feed's objects. */
export const SCHEMA = "auth";

/** Seconds that revocations are kept at least. Resource servers believe in no token that lives longer. */
const KEPT_AT_LEAST = 31 * DAY;

/** The identity provider's schema holds both. Lifetime in seconds. */
const installationFor = (accessTokenLifetime: number): Installation => ({
  schema: SCHEMA,
  tables: standardTables(SCHEMA),
  tokenLifetime: Math.max(KEPT_AT_LEAST, accessTokenLifetime),
});

/** The SQL that installs the revocation feed, or repairs it, in one transaction. */
export const installationSql = (accessTokenLifetime: number, reader?: string): string =>
  installationScript(installationFor(accessTokenLifetime), reader);

/** Installs the revocation feed or brings it up to date, in one transaction, over a direct connection.
 * @throws RevocationError when it can't be done; nothing was done then */
export const installRevocations = (
  connectionString: string,
  accessTokenLifetime: number,
  reader?: string,
): Promise<string[]> => migrateDatabase(connectionString, installationFor(accessTokenLifetime), reader);

/** What the database has of the revocation feed; nothing where nothing is installed. */
export const inspectRevocations = (
  pool: Pool,
  accessTokenLifetime: number,
): Promise<Inspection | undefined> => inspectDatabase(pool, installationFor(accessTokenLifetime));
