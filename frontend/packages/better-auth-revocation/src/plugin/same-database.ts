import type { PoolConfig } from "pg";
import { type DatabaseOption, poolOf } from "../database/database.ts";

/** What leads a pool to its tables. A `stream` may lead anywhere. */
const PLACE = ["connectionString", "host", "port", "database", "user", "options", "stream"] as const;

/** Whether two starts of Better Auth are over one database, as far as can be told: that of the plugin, and Better Auth's own
 * where it is a pool. */
export function isSameDatabase(one: Started, other: Started): boolean {
  const [own, others] = [poolOf(one.own), poolOf(other.own)];
  return leadsTo(one.given, other.given) && (!own || !others || leadsTo(own, others));
}

/** The plugin's database, and what Better Auth itself was given. */
export interface Started {
  given: DatabaseOption;
  own: unknown;
}

function leadsTo(one: DatabaseOption, other: DatabaseOption): boolean {
  if (one === other) return true;
  if (typeof one === "string" || typeof other === "string") return false;
  const [options, others]: PoolConfig[] = [one.options, other.options];
  return PLACE.every((name) => options?.[name] === others?.[name]);
}
