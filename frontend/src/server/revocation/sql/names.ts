/** Names as they stand in SQL, quoted and qualified. The only place where they are made. */
export type Names = {
  /** The schema of the objects that are made here; all of them begin with `revocation`, but for the feed's functions. */
  schema: string;
  /** Better Auth's tables. Triggers are put on them; their columns are left alone. */
  user: string;
  session: string;
  account: string;
  verification: string;
};

const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;

/** Better Auth's tables under their default names in `tables`, the objects of the revocation feed in `schema`. */
export function namesIn(schema: string, tables = schema): Names {
  const table = (name: string) => `${quote(tables)}.${quote(name)}`;
  return {
    schema: quote(schema),
    user: table("user"),
    session: table("session"),
    account: table("account"),
    verification: table("verification"),
  };
}

/** A text as a literal. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Functions run as their owner, whoever fires the trigger, and find nothing by a caller's search path. */
export const AS_OWNER = "SECURITY DEFINER SET search_path = pg_catalog, pg_temp";
