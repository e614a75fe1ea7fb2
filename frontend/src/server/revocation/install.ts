import { Client, type Pool } from "pg";
import { digestOf, installation, VERSION } from "#server/revocation/sql/index.ts";
import { type Names, namesIn } from "#server/revocation/sql/names.ts";

const DAY = 86_400;

/** The identity provider's schema holds Better Auth's tables and the revocation feed's objects. */
export const NAMES: Names = namesIn("auth");

/** Seconds that revocations are kept at least. Resource servers believe in no token that lives longer. */
const KEPT_AT_LEAST = 31 * DAY;

/** The SQL that installs the revocation feed, or repairs it; see {@link installation}. Lifetime in seconds. */
export const installationSql = (accessTokenLifetime: number, reader?: string): string =>
  installation(NAMES, { tokenLife: Math.max(KEPT_AT_LEAST, accessTokenLifetime), reader });

/** Installs the revocation feed or brings it up to date, in one transaction, over a direct connection. */
export async function installRevocations(
  connectionString: string,
  accessTokenLifetime: number,
  reader?: string,
): Promise<void> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    await client.query("BEGIN");
    await client.query(installationSql(accessTokenLifetime, reader));
    await client.query("COMMIT");
  } finally {
    await client.end();
  }
}

export type Installed = {
  /** Whether the database has exactly the objects that this program would install. */
  current: boolean;
  /** Objects that are absent, disabled or altered, by name. */
  damaged: string[];
  /** Seconds of the longest token whose revocation is kept long enough. */
  tokenLife: number;
};

/** What the database has of the revocation feed.
 * @throws DatabaseError when it has nothing of it */
export async function inspectRevocations(pool: Pool): Promise<Installed> {
  const { schema } = NAMES;
  const { rows } = await pool.query<{
    version: number;
    digest: string;
    damaged: string[];
    token_life: number;
  }>(
    `SELECT version, digest, ARRAY(SELECT ${schema}.missing_revocation_triggers()) AS damaged,
            extract(epoch FROM max_token_life - ${schema}.revocation_margin())::float8 AS token_life
     FROM ${schema}.revocation_installation`,
  );
  const [row] = rows;
  if (!row) return { current: false, damaged: [], tokenLife: 0 };
  const current = row.version === VERSION && row.digest === digestOf(NAMES);
  return { current, damaged: row.damaged, tokenLife: row.token_life };
}
