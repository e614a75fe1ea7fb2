/** Something that statements can be sent to: a pool, or one connection. */
export interface Sql {
  query<Row>(text: string, values?: unknown[]): Promise<Row[]>;
}

/** A name as SQL has it, whatever characters are in it. */
export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A text as SQL has it, whatever the server's settings. */
export const literal = (text: string): string =>
  text.includes("\\")
    ? ` E'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`
    : `'${text.replaceAll("'", "''")}'`;

/** The first row, where there always is one. */
export async function queryRow<Row>(database: Sql, text: string, values?: unknown[]): Promise<Row> {
  const [row] = await database.query<Row>(text, values);
  if (row === undefined) throw new Error("the database gave no row");
  return row;
}
