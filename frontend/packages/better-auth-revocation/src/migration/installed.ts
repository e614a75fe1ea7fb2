import { createHash } from "node:crypto";
import { identifier, literal, queryRow, type Sql } from "../database/sql.ts";
import { DEFINITION } from "../sql/integrity.ts";
import type { DatabaseObject } from "../sql/statements.ts";

/** What the database says is installed in a schema. */
export interface Installed {
  version: number;
  /** Seconds that a revocation is kept. */
  maxTokenLife: number;
  /** Whether the schema was made by a migration of ours, rather than before. */
  madeSchema: boolean;
  /** In the order in which they were made. */
  objects: Recorded[];
  /** Whether an earlier version has installed it, in another form than the present one. */
  isFormer: boolean;
}

export interface Recorded {
  kind: DatabaseObject["kind"];
  identity: string;
  /** Digest of the statement that made it. */
  source: string;
  /** Digest of what the catalog said of it right after. */
  definition: string;
}

export const sourceOf = ({ create }: DatabaseObject): string =>
  createHash("sha256").update(create).digest("hex");

/** Reads what is installed in `schema`; nothing where nothing is. */
export async function readInstalled(database: Sql, schema: string): Promise<Installed | undefined> {
  const own = identifier(schema);
  const { installation, object, first } = await queryRow<
    Record<"installation" | "object" | "first", boolean>
  >(
    database,
    `SELECT ${hasColumn("$1", "made_schema")} AS installation, ${hasColumn("$2", "trigger_name")} AS object,
            to_regprocedure($3) IS NOT NULL AND to_regprocedure($4) IS NOT NULL AS first`,
    [
      `${own}.revocation_installation`,
      `${own}.revocation_object`,
      `${own}.max_token_life()`,
      `${own}.token_margin()`,
    ],
  );
  if (first) return readFirstRelease(database, own);
  const there = await database.query("SELECT WHERE to_regclass($1) IS NOT NULL", [
    `${own}.revocation_installation`,
  ]);
  if (!there.length) return undefined;
  const [row] = await database.query<Omit<Installed, "objects" | "isFormer">>(
    `SELECT version, extract(epoch FROM max_token_life)::float8 AS "maxTokenLife",
            ${installation ? "made_schema" : "false"} AS "madeSchema"
     FROM ${own}.revocation_installation`,
  );
  if (!row) return undefined;
  if (!installation || !object) return { ...row, objects: [], isFormer: true };
  const objects = await database.query<Recorded>(
    `SELECT kind, identity, source, definition FROM ${own}.revocation_object ORDER BY place`,
  );
  return { ...row, objects: [...objects, ...(await readMovedTriggers(database, own))], isFormer: false };
}

/** Triggers of ours that are elsewhere than recorded: they follow a table that is renamed or moved. */
const readMovedTriggers = (database: Sql, own: string): Promise<Recorded[]> =>
  database.query<Recorded>(
    `SELECT 'trigger' AS kind, '' AS source, '' AS definition,
            format('%I ON "%s"."%s"', t.tgname, replace(n.nspname, '"', '""'), replace(c.relname, '"', '""')) AS identity
     FROM pg_trigger t
     JOIN ${own}.revocation_object f ON CASE f.kind WHEN 'function' THEN to_regproc(f.identity) = t.tgfoid END
     JOIN pg_class c ON c.oid = t.tgrelid
     JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE NOT t.tgisinternal AND NOT EXISTS (
         SELECT FROM ${own}.revocation_object o
         WHERE CASE o.kind WHEN 'trigger' THEN o.trigger_name = t.tgname AND to_regclass(o.relation) = t.tgrelid END
     )
     ORDER BY t.oid`,
  );

const hasColumn = (table: string, column: string) =>
  `EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass(${table}) AND attname = ${literal(column)})`;

/** The first release of this repository's application, which kept no record of what it installed. */
async function readFirstRelease(database: Sql, own: string): Promise<Installed> {
  const { kept } = await queryRow<{ kept: number }>(
    database,
    `SELECT extract(epoch FROM ${own}.max_token_life())::float8 AS kept`,
  );
  return { version: 1, maxTokenLife: kept, madeSchema: false, objects: [], isFormer: true };
}

const rowsOf = (objects: DatabaseObject[]): string => {
  const rows = objects.map((one, place) => {
    const { kind, identity, name, trigger } = one;
    const texts = [kind, identity, name, trigger?.table ?? "", trigger?.name ?? "", sourceOf(one)];
    return `(${place}, ${texts.map(literal).join(", ")})`;
  });
  return `(VALUES\n    ${rows.join(",\n    ")}\n) AS one (place, kind, identity, name, relation, trigger_name, source)`;
};

/** What the catalog says now of each of `objects` that exists. */
export async function readDefinitions(
  database: Sql,
  objects: DatabaseObject[],
): Promise<Map<string, string>> {
  const rows = await database.query<{ identity: string; definition: string | null }>(
    `SELECT one.identity, ${DEFINITION} AS definition FROM ${rowsOf(objects)}`,
  );
  return new Map(
    rows.flatMap(({ identity, definition }) => (definition === null ? [] : [[identity, definition]])),
  );
}

/** The statements that record what has been installed. */
export function recordStatements(
  { version, maxTokenLife, madeSchema }: Omit<Installed, "objects" | "isFormer">,
  schema: string,
  objects: DatabaseObject[],
): string[] {
  const own = identifier(schema);
  return [
    `INSERT INTO ${own}.revocation_installation (version, max_token_life, made_schema)
VALUES (${version}, make_interval(secs => ${maxTokenLife}), ${madeSchema})
ON CONFLICT (singleton) DO UPDATE SET version = excluded.version, applied_at = excluded.applied_at,
    max_token_life = greatest(revocation_installation.max_token_life, excluded.max_token_life)`,
    `DELETE FROM ${own}.revocation_object`,
    `INSERT INTO ${own}.revocation_object (place, kind, identity, name, relation, trigger_name, source, definition)
SELECT one.place, one.kind, one.identity, one.name, one.relation, one.trigger_name, one.source, ${DEFINITION}
FROM ${rowsOf(objects)}`,
  ];
}
