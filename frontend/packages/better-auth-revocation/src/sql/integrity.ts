import type { Names } from "./names.ts";

/** What the catalog's descriptions depend on: with this search path every name but its own is written with its schema. */
export const CATALOG_SETTINGS = [
  "search_path = pg_catalog",
  "intervalstyle = postgres",
  "quote_all_identifiers = off",
];

/** A digest of what the catalog says of `one`, an object of ours; NULL where there is none. To be read under
 * {@link CATALOG_SETTINGS}. It says the same after a restore elsewhere, where
 * roles have other names, and roles and types have other ids: a function is owned by whoever owns our tables. */
export const DEFINITION = `CASE one.kind
        WHEN 'table' THEN (
            SELECT md5(string_agg(
                concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull), ',' ORDER BY a.attnum))
            FROM pg_attribute a
            WHERE a.attrelid = to_regclass(one.identity) AND a.attnum > 0 AND NOT a.attisdropped)
        WHEN 'index' THEN (
            SELECT md5(pg_get_indexdef(i.indexrelid)) FROM pg_index i
            WHERE i.indexrelid = to_regclass(one.identity) AND i.indisvalid)
        WHEN 'function' THEN (
            SELECT md5(concat_ws('/', p.prosrc, p.prosecdef, p.proconfig::text, p.proowner = c.relowner, p.provolatile,
                pg_get_function_arguments(p.oid), pg_get_function_result(p.oid),
                has_function_privilege('public', p.oid, 'EXECUTE')))
            FROM pg_proc p
            LEFT JOIN pg_class c ON c.relnamespace = p.pronamespace AND c.relname = 'revocation_object'
            WHERE p.oid = to_regproc(one.identity))
        WHEN 'trigger' THEN (
            SELECT md5(concat_ws(' ', pg_get_triggerdef(t.oid), t.tgenabled))
            FROM pg_trigger t WHERE t.tgname = one.trigger_name AND t.tgrelid = to_regclass(one.relation))
    END`;

/** What is there of what was installed. */
export const integrity = ({ schema }: Names): string => `
-- What was installed and is absent, disabled or altered, as 'table.trigger', 'function()', 'table' or 'index'. None: all
-- is well.
CREATE OR REPLACE FUNCTION ${schema}.missing_revocation_triggers() RETURNS SETOF text
    LANGUAGE sql STABLE SECURITY DEFINER
    ${CATALOG_SETTINGS.map((setting) => `SET ${setting}`).join(" ")} AS $$
    SELECT one.name FROM ${schema}.revocation_object one
    WHERE one.definition IS DISTINCT FROM ${DEFINITION}
    ORDER BY one.name
$$;
`;
