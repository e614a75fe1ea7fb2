import { createHash } from "node:crypto";
import { identifier, literal, type Sql } from "../database/sql.ts";
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
  const there = await database.query("SELECT WHERE to_regclass($1) IS NOT NULL", [
    `${own}.revocation_installation`,
  ]);
  if (!there.length) return undefined;
  const [row] = await database.query<Omit<Installed, "objects">>(
    `SELECT version, extract(epoch FROM max_token_life)::float8 AS "maxTokenLife", made_schema AS "madeSchema"
     FROM ${own}.revocation_installation`,
  );
  const objects = await database.query<Recorded>(
    `SELECT kind, identity, source, definition FROM ${own}.revocation_object ORDER BY place`,
  );
  return row && { ...row, objects };
}

const rowsOf = (objects: DatabaseObject[]): string => {
  const rows = objects.map((one, place) => {
    const texts = [one.kind, one.identity, one.trigger?.name ?? "", one.trigger?.table ?? "", sourceOf(one)];
    return `(${place}, ${texts.map(literal).join(", ")})`;
  });
  return `(VALUES\n    ${rows.join(",\n    ")}\n) AS one (place, kind, identity, name, relation, source)`;
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
  { version, maxTokenLife, madeSchema }: Omit<Installed, "objects">,
  schema: string,
  objects: DatabaseObject[],
): string[] {
  const own = identifier(schema);
  return [
    `INSERT INTO ${own}.revocation_installation (version, max_token_life, made_schema)
VALUES (${version}, make_interval(secs => ${maxTokenLife}), ${madeSchema})
ON CONFLICT (singleton) DO UPDATE SET
    version = excluded.version, max_token_life = excluded.max_token_life, applied_at = excluded.applied_at`,
    `DELETE FROM ${own}.revocation_object`,
    `INSERT INTO ${own}.revocation_object (place, kind, identity, name, relation, source, definition)
SELECT one.place, one.kind, one.identity, one.name, one.relation, one.source, ${DEFINITION}
FROM ${rowsOf(objects)}`,
  ];
}
