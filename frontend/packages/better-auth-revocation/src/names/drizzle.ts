import { RevocationError } from "../errors.ts";
import { eachModel, mapNames, snakeCase, unique } from "./map.ts";
import type { Candidates } from "./model.ts";

/** As the tables that were given to the Drizzle adapter are declared. */
export async function drizzleCandidates(
  logical: Candidates,
  config: { provider?: unknown; schema?: unknown; usePlural?: unknown },
): Promise<Candidates> {
  if (config.provider !== "pg") {
    throw new RevocationError(
      `the Drizzle adapter's provider is ${config.provider}; revocation needs Postgres, whose triggers and notifications it is made of`,
    );
  }
  if (!config.schema) {
    throw new RevocationError(
      "drizzleAdapter() was given no `schema`, so its tables' names can't be told; give it one, or name them in `tables`",
    );
  }
  const schema = config.schema as Record<string, unknown>;
  const { is } = await import("drizzle-orm");
  const { getTableConfig, PgTable } = await import("drizzle-orm/pg-core");
  return eachModel((model) => {
    const [name = model] = logical[model].tables;
    const key = config.usePlural ? `${name}s` : name;
    const table = schema[key];
    if (!is(table, PgTable)) {
      throw new RevocationError(
        `the schema given to drizzleAdapter() has no table ${key}; add it, or name it in \`tables\``,
      );
    }
    const declared = getTableConfig(table);
    const properties = table as unknown as Record<string, { name: string; keyAsName: boolean } | undefined>;
    return {
      schema: declared.schema,
      tables: unique([declared.name]),
      columns: mapNames(logical[model].columns, (column) => {
        const { name: stored = column, keyAsName = false } = properties[column] ?? {};
        // Without a name of its own a column follows the database's `casing`, which the adapter does not tell.
        return keyAsName ? unique([stored, snakeCase(stored)]) : [stored];
      }),
      exact: true,
    };
  });
}
