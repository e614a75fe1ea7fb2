import { RevocationError } from "../errors.ts";
import { eachModel } from "./map.ts";
import { type AnyColumn, type Candidates, MODELS, type Model, type TableNames } from "./model.ts";

/** `candidates` with what the `tables` option says instead. */
export function withGivenNames(candidates: Candidates, given: TableNames): Candidates {
  const unknown = Object.keys(given).find((model) => !Object.hasOwn(MODELS, model));
  if (unknown) {
    throw new RevocationError(
      `\`tables\` names ${unknown}; it may name ${Object.keys(MODELS).join(", ")} only`,
    );
  }
  return eachModel((model) => {
    const found = candidates[model];
    const { schema, table, columns = {} } = parts(given[model]);
    const renamed = Object.entries(columns).map(([column, name]) => {
      assertColumn(model, column);
      return [column, [name]];
    });
    return {
      schema: schema ?? found.schema,
      tables: table === undefined ? found.tables : [table],
      columns: { ...found.columns, ...Object.fromEntries(renamed) },
      exact: found.exact || table !== undefined,
    };
  });
}

type Parts = { schema?: string | undefined; table?: string | undefined; columns?: Record<string, string> };

function parts(name: TableNames[Model]): Parts {
  if (typeof name !== "string") return { ...(name as Parts | undefined) };
  const [first, second, ...rest] = name.split(".");
  if (rest.length || first === "" || second === "") {
    throw new RevocationError(
      `\`tables\` has "${name}", which is no "table" or "schema.table"; give { schema, table } for unusual names`,
    );
  }
  return second === undefined ? { table: first } : { schema: first, table: second };
}

function assertColumn(model: Model, column: string): asserts column is AnyColumn {
  const known: readonly string[] = [...MODELS[model].required, ...MODELS[model].optional];
  if (!known.includes(column)) {
    throw new RevocationError(
      `\`tables.${model}.columns\` names ${column}; it may name ${known.join(", ")} only`,
    );
  }
}
