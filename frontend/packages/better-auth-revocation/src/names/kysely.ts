import type { BetterAuthOptions } from "better-auth";
import { RevocationError } from "../errors.ts";
import { eachModel, mapNames } from "./map.ts";
import type { Candidates } from "./model.ts";

/** The part of Kysely that tells what its plugins, such as `CamelCasePlugin`, make of a name. */
interface Compiler {
  selectFrom(table: string): { select(columns: string[]): { compile(): { query: unknown } } };
}

/** As the Kysely adapter, which a `Pool` of node-postgres gets too, sends the names. */
export function kyselyCandidates(logical: Candidates, database: BetterAuthOptions["database"]): Candidates {
  const config = Object(database) as { type?: string; schemaName?: string; db?: Compiler; connect?: unknown };
  if (config.type !== undefined && config.type !== "postgres") {
    throw new RevocationError(
      `Better Auth's database is ${config.type}; revocation needs Postgres, whose triggers and notifications it is made of`,
    );
  }
  return eachModel((model) => {
    const { tables, columns } = logical[model];
    const [table = model] = tables;
    const named = config.db ? sentNames(config.db, table) : undefined;
    return {
      schema: config.schemaName ?? named?.schema,
      tables: [named?.table ?? table],
      columns: mapNames(columns, (name) => [(config.db && sentNames(config.db, table, name).column) ?? name]),
      exact: true,
    };
  });
}

type Identifier = { identifier?: { name?: string }; schema?: { name?: string } };
type SelectQuery = {
  from?: { froms?: { table?: Identifier }[] };
  selections?: { selection?: { column?: { column?: { name?: string } } } }[];
};

/** The names as they stand in a compiled query. */
function sentNames(db: Compiler, table: string, column = "id") {
  const query = db.selectFrom(table).select([column]).compile().query as SelectQuery;
  const sent = query.from?.froms?.[0]?.table;
  return {
    schema: sent?.schema?.name,
    table: sent?.identifier?.name,
    column: query.selections?.[0]?.selection?.column?.column?.name,
  };
}
