import type { BetterAuthOptions } from "better-auth";
import { getAuthTables } from "better-auth/db";
import { drizzleCandidates } from "./drizzle.ts";
import { withGivenNames } from "./given.ts";
import { kyselyCandidates } from "./kysely.ts";
import { eachModel, mapNames, snakeCase, unique } from "./map.ts";
import { type AnyColumn, type Candidates, MODELS, type TableNames } from "./model.ts";

/** The part of Better Auth's adapter that tells what it is and how it was configured. */
export interface AdapterDescription {
  id: string;
  options?: Record<string, unknown> | undefined;
}

/** What Better Auth's tables may be called in the database, by its options, its adapter and the `tables` option.
 * @throws RevocationError when the database is not Postgres, or `tables` names something that can't be */
export async function candidatesOf(
  options: BetterAuthOptions,
  adapter: AdapterDescription,
  given: TableNames = {},
): Promise<Candidates> {
  return withGivenNames(await adapterCandidates(logicalCandidates(options), options, adapter), given);
}

async function adapterCandidates(
  logical: Candidates,
  options: BetterAuthOptions,
  adapter: AdapterDescription,
): Promise<Candidates> {
  if (adapter.id === "kysely") return kyselyCandidates(logical, options.database);
  if (adapter.id === "drizzle") return drizzleCandidates(logical, adapter.options ?? {});
  return conventionalCandidates(logical);
}

/** Better Auth's own names, with what `modelName` and `fields` change. */
function logicalCandidates(options: BetterAuthOptions): Candidates {
  const tables = getAuthTables(options);
  return eachModel((model) => {
    const { required, optional } = MODELS[model];
    const fields = tables[model]?.fields ?? {};
    const names = [...required, ...optional]
      .filter((column) => column === "id" || Object.hasOwn(fields, column))
      .map((column): [AnyColumn, string[]] => [column, [fields[column]?.fieldName ?? column]]);
    return { tables: [tables[model]?.modelName ?? model], columns: Object.fromEntries(names), exact: true };
  });
}

/** For adapters that don't tell, such as Prisma's: what their generators make of Better Auth's names. */
const conventionalCandidates = (logical: Candidates): Candidates =>
  eachModel((model) => {
    const { tables, columns } = logical[model];
    const [name = model] = tables;
    const capital = name.charAt(0).toUpperCase() + name.slice(1);
    return {
      tables: unique([name, capital, `${name}s`, snakeCase(name)]),
      columns: mapNames(columns, (column) => unique([column, snakeCase(column)])),
      exact: false,
    };
  });
