import type { Database } from "../database/database.ts";
import { assertDirect } from "../database/direct.ts";
import { identifier, type Sql } from "../database/sql.ts";
import { RevocationError } from "../errors.ts";
import type { Installation } from "../sql/names.ts";
import { readInstalled } from "./installed.ts";
import { dropStep, type Plan, planMigration, type Step } from "./plan.ts";
import { settingsFor, takeTurn } from "./transaction.ts";

/** Milliseconds that a statement waits for a table which somebody else holds. */
export const LOCK_TIMEOUT = 5_000;
const LOCK_NOT_AVAILABLE = "55P03";
const INSUFFICIENT_PRIVILEGE = "42501";

/** What {@link migrate} would do; changes nothing. */
export const plan = (database: Database, wanted: Installation): Promise<Plan> =>
  database.transaction(async (transaction) => {
    await prepare(transaction);
    return planMigration(transaction, wanted);
  });

/** Installs, upgrades or repairs: all of the plan, or nothing. One at a time.
 * @param afterwards statements that end the transaction, even where there is nothing to do, but not over a later version
 * @throws RevocationError when it can't be done, or the database has changed since `shown` was planned */
export async function migrate(
  database: Database,
  wanted: Installation,
  { shown, afterwards = [] }: { shown?: Plan; afterwards?: string[] } = {},
): Promise<Step[]> {
  await assertDirect(database);
  return alone(database, wanted.schema, async (transaction) => {
    const { steps, record, isLater } = await planMigration(transaction, wanted);
    if (isLater) return [];
    // Whoever was first may have done it all.
    if (shown && steps.length && titles(shown.steps) !== titles(steps)) {
      throw new RevocationError("the database has changed since the plan was shown; run migrate again");
    }
    await run(transaction, [...steps.map(({ sql }) => sql), ...record, ...afterwards]);
    return steps;
  });
}

/** What {@link uninstall} would do; changes nothing. */
export const planUninstall = (database: Database, schema: string): Promise<Step[]> =>
  database.transaction(async (transaction) => {
    await prepare(transaction);
    return uninstallSteps(transaction, schema);
  });

/** Removes everything that a migration has made, revocations included, and nothing else. */
export async function uninstall(database: Database, schema: string): Promise<Step[]> {
  await assertDirect(database);
  return alone(database, schema, async (transaction) => {
    const steps = await uninstallSteps(transaction, schema);
    await run(
      transaction,
      steps.map(({ sql }) => sql),
    );
    return steps;
  });
}

async function uninstallSteps(transaction: Sql, schema: string): Promise<Step[]> {
  const installed = await readInstalled(transaction, schema);
  if (!installed) {
    throw new RevocationError(`nothing is installed in the schema ${schema}; name another as \`schema\``);
  }
  if (installed.isFormer) {
    throw new RevocationError(
      `version ${installed.version} kept no record of what it installed; migrate first, then uninstall`,
    );
  }
  const drops = installed.objects.toReversed().map(dropStep);
  const name = identifier(schema);
  return installed.madeSchema
    ? [...drops, { title: `drop schema ${name}`, sql: `DROP SCHEMA ${name}` }]
    : drops;
}

/** Runs `work` in a transaction, while no other migration of the schema runs, for as long as it takes. */
const alone = <T>(database: Database, schema: string, work: (transaction: Sql) => Promise<T>): Promise<T> =>
  database.onOwnConnection(
    async (transaction) => {
      await transaction.query("BEGIN");
      await transaction.query("SET LOCAL statement_timeout = 0");
      await transaction.query("SET LOCAL lock_timeout = 0");
      await transaction.query(takeTurn(schema));
      await prepare(transaction);
      const result = await work(transaction);
      await transaction.query("COMMIT");
      return result;
    },
    { query_timeout: 0 },
  );

async function prepare(transaction: Sql): Promise<void> {
  for (const setting of settingsFor(LOCK_TIMEOUT)) await transaction.query(setting);
}

async function run(transaction: Sql, statements: string[]): Promise<void> {
  for (const statement of statements) {
    await transaction.query(statement).catch((error: Error & { code?: string }) => {
      if (error.code === LOCK_NOT_AVAILABLE) {
        throw new RevocationError(
          "another transaction holds one of Better Auth's tables; run it again, nothing was done",
        );
      }
      if (error.code === INSUFFICIENT_PRIVILEGE) {
        throw new RevocationError(
          `${error.message}; use the role that owns Better Auth's tables, nothing was done`,
        );
      }
      throw error;
    });
  }
}

const titles = (steps: Step[]) => steps.map(({ title }) => title).join("\n");
