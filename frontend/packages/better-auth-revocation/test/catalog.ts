import type { Pool } from "pg";

/** Everything that the catalog says of a database's own objects, to compare before and after. */
export async function catalogOf(pool: Pool): Promise<Record<string, string[]>> {
  const outside = "nspname NOT IN ('pg_catalog', 'information_schema') AND nspname NOT LIKE 'pg\\_%'";
  const queries = {
    schemas: `SELECT concat_ws(' ', nspname, nspacl::text) AS line FROM pg_namespace WHERE ${outside}`,
    relations: `SELECT concat_ws(' ', nspname, relname, relkind, relacl::text, reloptions::text) AS line
      FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE ${outside}`,
    columns: `SELECT concat_ws(' ', attrelid::regclass, attname, format_type(atttypid, atttypmod), attnotnull, attacl::text) AS line
      FROM pg_attribute JOIN pg_class c ON c.oid = attrelid JOIN pg_namespace n ON n.oid = relnamespace
      WHERE ${outside} AND attnum > 0 AND NOT attisdropped`,
    constraints: `SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(k.oid)) AS line
      FROM pg_constraint k JOIN pg_namespace n ON n.oid = connamespace WHERE ${outside}`,
    functions: `SELECT pg_get_functiondef(p.oid) AS line FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace
      WHERE ${outside} AND prokind IN ('f', 'p')`,
    triggers: "SELECT pg_get_triggerdef(oid) AS line FROM pg_trigger",
    types: `SELECT concat_ws(' ', nspname, typname) AS line FROM pg_type JOIN pg_namespace n ON n.oid = typnamespace WHERE ${outside}`,
    roles:
      "SELECT concat_ws(' ', rolname, rolcanlogin, rolcreaterole, rolconfig::text) AS line FROM pg_roles WHERE rolname = current_user",
    settings: "SELECT setconfig::text AS line FROM pg_db_role_setting WHERE setrole = current_user::regrole",
  };
  const lines = Object.entries(queries).map(async ([name, query]) => {
    const { rows } = await pool.query<{ line: string }>(`${query} ORDER BY 1`);
    return [name, rows.map(({ line }) => line)] as const;
  });
  return Object.fromEntries(await Promise.all(lines));
}
