import { database } from "#server/database.ts";
import { NAMES } from "#server/revocation/install.ts";

/** What this database is known by, the newest name first; renewed when it is a minute old. Resource servers compare it
 * with what the database of their revocations is known by. */
export async function revocationOrigins(): Promise<string[]> {
  const { rows } = await database().query<{ origins: string[] }>(
    `SELECT ${NAMES.schema}.revocation_renew_origin() AS origins`,
  );
  return rows[0]?.origins ?? [];
}
