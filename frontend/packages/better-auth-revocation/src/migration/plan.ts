import { identifier, queryRow, type Sql } from "../database/sql.ts";
import { RevocationError } from "../errors.ts";
import { Store } from "../plugin/store.ts";
import { type Installation, type Names, namesOf } from "../sql/names.ts";
import { databaseObjects, VERSION } from "../sql/objects.ts";
import type { DatabaseObject } from "../sql/statements.ts";
import { beforeObjects, dropFormer } from "../sql/upgrade.ts";
import { endBannedSessions } from "../sql/users.ts";
import { type Installed, readDefinitions, readInstalled, recordStatements, sourceOf } from "./installed.ts";

/** Seconds by which a revocation outlives the tokens that it concerns: leeway, and clocks that differ. */
export const MARGIN = 3600;

/** One change to the database. */
export interface Step {
  /** What is done to what, such as `create trigger revocation_session_deleted on "public"."session"`. */
  title: string;
  sql: string;
}

/** What a migration would do. No steps: all is as it should be. */
export interface Plan {
  steps: Step[];
  /** What follows, and records the result; empty when there is nothing to do. */
  record: string[];
  /** Whether a later version is installed, which serves this one too and is left alone. */
  isLater?: true;
}

/** Compares the database with what belongs there; changes nothing. Its transaction must have the search path `pg_catalog`.
 * @throws RevocationError when something that is not ours is in the way */
export async function planMigration(database: Sql, wanted: Installation): Promise<Plan> {
  const installed = await readInstalled(database, wanted.schema);
  if (installed && installed.version > VERSION) return planForLater(database, wanted.schema, installed);
  // What a longer-lived token was promised before stays so.
  const maxTokenLife = Math.max(wanted.tokenLifetime + MARGIN, installed?.maxTokenLife ?? 0);
  const names = namesOf(wanted);
  const objects = databaseObjects(names);
  const madeSchema = installed?.madeSchema ?? !(await hasSchema(database, wanted.schema));
  const state = { version: VERSION, maxTokenLife, madeSchema };
  const record = [endBannedSessions(names), ...recordStatements(state, wanted.schema, objects)];
  if (installed?.isFormer) {
    const steps = [upgradeStep(installed, names), ...objects.map(installStep)];
    return { steps, record: [...record, dropFormer(names)] };
  }
  const definitions = await readDefinitions(database, objects);
  const steps = [
    ...(installed || !madeSchema ? [] : [await schemaStep(database, wanted.schema)]),
    ...(installed && installed.version < VERSION ? [upgradeStep(installed, names)] : []),
    ...staleSteps(installed, objects),
    ...objects.flatMap((object) => objectStep(object, installed, definitions.get(object.identity))),
  ];
  const upToDate = installed?.version === VERSION && installed.maxTokenLife === maxTokenLife && !steps.length;
  return { steps, record: upToDate ? [] : record };
}

/** A release that is rolled back may run its migration over a later version.
 * @throws RevocationError when it is damaged, because only its own version can repair it */
async function planForLater(database: Sql, schema: string, { version }: Installed): Promise<Plan> {
  const { missing } = await new Store(database, schema).readiness();
  if (!missing.length) return { steps: [], record: [], isLater: true };
  throw new RevocationError(
    `revocation objects are missing or altered (${missing.join(", ")}) and have version ${version}, which this package (version ${VERSION}) can't repair; run migrate with the newer package`,
  );
}

/** Brings what an earlier version has made into a form that every object can be made over. */
const upgradeStep = ({ version }: Installed, names: Names): Step => ({
  title: `upgrade the tables of version ${version}`,
  sql: beforeObjects(names),
});

const installStep = ({ kind, identity, create }: DatabaseObject): Step => ({
  title: `make or replace ${kind} ${identity}`,
  sql: create,
});

const hasSchema = async (database: Sql, schema: string): Promise<boolean> =>
  (await database.query("SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1", [schema])).length > 0;

async function schemaStep(database: Sql, schema: string): Promise<Step> {
  const { allowed } = await queryRow<{ allowed: boolean }>(
    database,
    "SELECT has_database_privilege(current_database(), 'CREATE') AS allowed",
  );
  if (!allowed) {
    throw new RevocationError(
      `this role may not create the schema ${schema}; have it created for the role, or name one that the role owns as \`schema\``,
    );
  }
  return { title: `create schema ${identifier(schema)}`, sql: `CREATE SCHEMA ${identifier(schema)}` };
}

/** What was made for other names, or by another version, and is wanted no more. */
function staleSteps(installed: Installed | undefined, objects: DatabaseObject[]): Step[] {
  const identities = new Set(objects.map(({ identity }) => identity));
  return (installed?.objects ?? [])
    .filter(({ identity }) => !identities.has(identity))
    .reverse()
    .map(dropStep);
}

export const dropStep = ({ kind, identity }: { kind: DatabaseObject["kind"]; identity: string }): Step => ({
  title: `drop ${kind} ${identity}`,
  sql: `DROP ${kind.toUpperCase()} IF EXISTS ${identity}`,
});

function objectStep(
  object: DatabaseObject,
  installed: Installed | undefined,
  definition: string | undefined,
): Step[] {
  const { identity } = object;
  const name = `${object.kind} ${identity}`;
  const recorded = installed?.objects.find((one) => one.identity === identity);
  if (definition === undefined) return [{ title: `create ${name}`, sql: object.create }];
  if (!recorded) {
    throw new RevocationError(`there is a ${name} that is not ours; choose another \`schema\`, or rename it`);
  }
  const isIntact = recorded.definition === definition;
  const isReplaceable = object.kind === "function" || object.kind === "trigger";
  if (!isIntact && !isReplaceable) {
    throw new RevocationError(`${name} was changed by hand; change it back, or uninstall and migrate anew`);
  }
  if (isIntact && recorded.source === sourceOf(object)) return [];
  // The upgrade has brought a table into its new form, or has dropped an index.
  return [{ title: `${isReplaceable ? "replace" : "upgrade"} ${name}`, sql: object.create }];
}
