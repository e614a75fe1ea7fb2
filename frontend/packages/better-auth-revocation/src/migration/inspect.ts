import type { Sql } from "../database/sql.ts";
import { Store } from "../plugin/store.ts";
import { type Installation, namesOf } from "../sql/names.ts";
import { databaseObjects, VERSION } from "../sql/objects.ts";
import { readInstalled, sourceOf } from "./installed.ts";
import { MARGIN } from "./plan.ts";

/** What is installed, compared with what belongs there. */
export interface Inspection {
  /** Whether the database has exactly the objects that this version of the package would install, or those of a later one. */
  current: boolean;
  /** Objects that are absent, disabled or altered, by name. */
  damaged: string[];
  /** Seconds of the longest token whose revocation is kept long enough. */
  tokenLifetime: number;
}

/** Looks at an installation, and changes nothing; nothing where nothing is installed. */
export async function inspectInstallation(
  database: Sql,
  wanted: Installation,
): Promise<Inspection | undefined> {
  const installed = await readInstalled(database, wanted.schema);
  if (!installed) return undefined;
  const sources = new Map(installed.objects.map(({ identity, source }) => [identity, source]));
  const objects = databaseObjects(namesOf(wanted));
  const same = objects.every((one) => sources.get(one.identity) === sourceOf(one));
  const { missing } = await new Store(database, wanted.schema).readiness();
  return {
    current:
      installed.version > VERSION ||
      (installed.version === VERSION && objects.length === sources.size && same),
    damaged: missing,
    tokenLifetime: installed.maxTokenLife - MARGIN,
  };
}
