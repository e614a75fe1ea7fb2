import type { Sql } from "../database/sql.ts";
import { RevocationError } from "../errors.ts";
import {
  type AuthTables,
  type Candidate,
  type Candidates,
  type Column,
  MODELS,
  type Model,
} from "./model.ts";

interface Found {
  schema: string;
  name: string;
  /** The first place in the search path is 1; null where it isn't on it. */
  position: number | null;
  columns: Column[];
  /** Whether it has partitions or inherits. */
  isDivided: boolean;
}

const LOOK_UP = `
  SELECT n.nspname AS schema, c.relname AS name, array_position(current_schemas(false), n.nspname) AS position,
         c.relkind = 'p' OR EXISTS (SELECT FROM pg_catalog.pg_inherits WHERE c.oid IN (inhparent, inhrelid)) AS "isDivided",
         (SELECT json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, NULL)))
          FROM pg_catalog.pg_attribute a
          WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p') AND c.relname = ANY ($1) AND ($2::text IS NULL OR n.nspname = $2)
    AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%'
  ORDER BY position, n.nspname, c.relname`;

/** Finds Better Auth's tables in the database.
 * @throws RevocationError when one is missing, or could be one of several */
export async function confirmTables(database: Sql, candidates: Candidates): Promise<AuthTables> {
  const user = await confirm(database, "user", candidates.user);
  const session = await confirm(database, "session", candidates.session);
  const account = await confirm(database, "account", candidates.account);
  const verification = await confirm(database, "verification", candidates.verification);
  const tables = { user, session, account, verification } as AuthTables;
  assertTypes(tables);
  return tables;
}

async function confirm(database: Sql, model: Model, candidate: Candidate) {
  const present = await database.query<Found>(LOOK_UP, [candidate.tables, candidate.schema ?? null]);
  const fitting = present.filter((table) => missingColumns(model, candidate, table).length === 0);
  const onPath = candidate.schema ? fitting : fitting.filter(({ position }) => position !== null);
  const [first, second] = onPath;
  if (!first) throw nothingFits(model, candidate, present, fitting);
  // Where the name is certain, Postgres itself takes the first on the search path.
  if (second && !candidate.exact) {
    const all = onPath.map(qualified).join(", ");
    throw new RevocationError(
      `the table for ${model} could be ${all}; name the right one in \`tables.${model}\``,
    );
  }
  if (first.isDivided) {
    throw new RevocationError(
      `${qualified(first)}, the table for ${model}, is partitioned or inherits, so that changes to a part would go unnoticed; make it an ordinary table`,
    );
  }
  return { schema: first.schema, name: first.name, columns: matchColumns(candidate, first) };
}

function missingColumns(model: Model, candidate: Candidate, table: Found): string[] {
  const matched = matchColumns(candidate, table);
  return MODELS[model].required
    .filter((column) => !Object.hasOwn(matched, column))
    .map((column) => candidate.columns[column]?.[0] ?? column);
}

const matchColumns = (candidate: Candidate, table: Found): Record<string, Column> =>
  Object.fromEntries(
    Object.entries(candidate.columns).flatMap(([column, names]) => {
      const match = names.map((name) => table.columns.find((one) => one.name === name)).find(Boolean);
      return match ? [[column, match]] : [];
    }),
  );

function nothingFits(
  model: Model,
  candidate: Candidate,
  present: Found[],
  fitting: Found[],
): RevocationError {
  const remedy = `name it in \`tables.${model}\``;
  const [elsewhere] = fitting;
  if (elsewhere) {
    return new RevocationError(
      `the table for ${model} is ${qualified(elsewhere)}, which is not on the search path; ${remedy}`,
    );
  }
  const [unfit] = present;
  if (unfit) {
    const missing = missingColumns(model, candidate, unfit).join(", ");
    return new RevocationError(
      `${qualified(unfit)} lacks ${missing}, so it can't be the table for ${model}; ${remedy}`,
    );
  }
  const names = candidate.tables
    .map((table) => [candidate.schema, table].filter(Boolean).join("."))
    .join(" or ");
  return new RevocationError(
    `there is no table ${names} in this database; run Better Auth's own migration first, or ${remedy}`,
  );
}

const qualified = ({ schema, name }: { schema: string; name: string }) => `${schema}.${name}`;

const ID_TYPES = ["text", "character varying", "character", "uuid", "smallint", "integer", "bigint"];
const TIME_TYPES = ["timestamp with time zone", "timestamp without time zone"];

function assertTypes({ user, session, account }: AuthTables): void {
  const wanted = [
    [user, user.columns.id, ID_TYPES],
    [session, session.columns.id, ID_TYPES],
    [session, session.columns.expiresAt, TIME_TYPES],
    [session, session.columns.userId, [user.columns.id.type]],
    [account, account.columns.userId, [user.columns.id.type]],
  ] as const;
  for (const [table, { name, type }, types] of wanted) {
    if ((types as readonly string[]).includes(type)) continue;
    throw new RevocationError(
      `${qualified(table)}.${name} is of type ${type}, not ${types.join(", ")}; name the right table in \`tables\``,
    );
  }
}
