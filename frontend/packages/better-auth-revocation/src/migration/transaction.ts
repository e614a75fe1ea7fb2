import { literal } from "../database/sql.ts";
import { CATALOG_SETTINGS } from "../sql/integrity.ts";

/** Waits until no other migration of the schema runs, and keeps others waiting until the transaction ends. */
export const takeTurn = (schema: string): string =>
  `SELECT pg_advisory_xact_lock(hashtextextended(${literal(`better-auth-revocation ${schema}`)}, 0))`;

/** What a migration's transaction runs under.
 * @param patience milliseconds that a statement waits for a table which somebody else holds, so that sign-ins don't queue up
 * behind */
export const settingsFor = (patience: number): string[] => [
  ...CATALOG_SETTINGS.map((setting) => `SET LOCAL ${setting}`),
  `SET LOCAL lock_timeout = ${patience}`,
];
