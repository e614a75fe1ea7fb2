import { AS_OWNER, literal, type Names } from "./names.ts";

/** Better Auth's and our own tables whose triggers matter. */
const watched = ({ schema, user, session, account, verification }: Names) =>
  [user, session, account, verification, `${schema}.revocation`, `${schema}.revocation_version`]
    .map((table) => `to_regclass(${literal(table)})`)
    .join(", ");

/** What is there of what was installed, and who may use it. */
export const integrity = (names: Names): string => {
  const { schema } = names;
  return `
-- Our functions and triggers as they are, each with a digest of its definition, its state and who may execute it.
CREATE OR REPLACE FUNCTION ${schema}.revocation_objects() RETURNS TABLE (name text, digest text)
    LANGUAGE sql STABLE ${AS_OWNER} AS $$
    SELECT c.relname || '.' || t.tgname,
        md5(concat_ws('/', pg_get_triggerdef(t.oid), t.tgenabled))
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE t.tgrelid IN (${watched(names)}) AND t.tgname LIKE 'revocation\\_%'
    UNION ALL
    SELECT p.proname || '()',
        md5(concat_ws('/', p.prosrc, p.prosecdef, p.proconfig::text, p.proowner, has_function_privilege('public', p.oid, 'EXECUTE')))
    FROM pg_proc p WHERE p.oid IN (SELECT o FROM ${schema}.revocation_functions() o)
$$;

-- What was installed and is absent, disabled or altered, as 'table.trigger' and 'function()'. None: all is well.
CREATE OR REPLACE FUNCTION ${schema}.missing_revocation_triggers() RETURNS SETOF text
    LANGUAGE sql STABLE ${AS_OWNER} AS $$
    SELECT installed.name FROM ${schema}.revocation_object installed
    LEFT JOIN ${schema}.revocation_objects() present USING (name)
    WHERE present.digest IS DISTINCT FROM installed.digest
    ORDER BY installed.name
$$;
`;
};

/** Every function that is made here, by name. */
export const FUNCTIONS = [
  "acknowledge_revocations",
  "await_revocations",
  "missing_revocation_triggers",
  "revoke_all",
  "revoke_client",
  "revoke_issued_before",
  "revoke_token",
  "revoke_user",
  "revocations_after",
];

/** First of all, for the others refer to it: our functions are those with these names or the prefix. */
export const functions = ({ schema }: Names): string => `
CREATE OR REPLACE FUNCTION ${schema}.revocation_functions() RETURNS SETOF oid
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT p.oid FROM pg_proc p
    WHERE p.pronamespace = ${literal(schema)}::regnamespace
        AND (p.proname LIKE 'revocation\\_%' OR p.proname IN (${FUNCTIONS.map(literal).join(", ")}))
$$;
`;

/** Nobody but the owner executes a function or touches a table, until it is granted. */
export const withdraw = ({ schema }: Names): string => `
DO $withdraw$
DECLARE
    one regprocedure;
    relation regclass;
BEGIN
    FOR one IN SELECT o::regprocedure FROM ${schema}.revocation_functions() o LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', one);
    END LOOP;
    FOR relation IN SELECT c.oid::regclass FROM pg_class c
        WHERE c.relnamespace = ${literal(schema)}::regnamespace AND c.relkind IN ('r', 'S')
            AND c.relname LIKE 'revocation%'
    LOOP
        EXECUTE format('REVOKE ALL ON %s FROM PUBLIC', relation);
    END LOOP;
END $withdraw$;
`;

/** What is installed: version, digest, and how long a revocation is kept. */
export const recordVersion = (
  { schema }: Names,
  { version, digest, tokenLife }: { version: number; digest: string; tokenLife: number },
): string => `
INSERT INTO ${schema}.revocation_installation AS present (version, digest, max_token_life)
    VALUES (${version}, ${literal(digest)}, make_interval(secs => ${tokenLife}) + ${schema}.revocation_margin())
    ON CONFLICT (singleton) DO UPDATE SET version = excluded.version, digest = excluded.digest, applied_at = now(),
        max_token_life = greatest(present.max_token_life, excluded.max_token_life);
`;

/** Last: every object as it is now. */
export const recordObjects = ({ schema }: Names): string => `
DELETE FROM ${schema}.revocation_object;
INSERT INTO ${schema}.revocation_object SELECT name, digest FROM ${schema}.revocation_objects();
`;

/** What a resource server's role needs, and no more; whatever else it had of ours is taken away. */
export const grants = ({ schema }: Names, role: string): string => {
  const reader = `"${role.replaceAll('"', '""')}"`;
  return `
DO $grants$
DECLARE
    one regprocedure;
    relation regclass;
BEGIN
    FOR one IN SELECT o::regprocedure FROM ${schema}.revocation_functions() o LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM %I', one, ${literal(role)});
    END LOOP;
    FOR relation IN SELECT c.oid::regclass FROM pg_class c
        WHERE c.relnamespace = ${literal(schema)}::regnamespace AND c.relkind IN ('r', 'S')
            AND c.relname LIKE 'revocation%'
    LOOP
        EXECUTE format('REVOKE ALL ON %s FROM %I', relation, ${literal(role)});
    END LOOP;
END $grants$;
GRANT USAGE ON SCHEMA ${schema} TO ${reader};
GRANT SELECT ON ${schema}.revocation TO ${reader};
GRANT EXECUTE ON FUNCTION ${schema}.revocation_page(text, integer), ${schema}.revocations_after(text, integer),
    ${schema}.acknowledge_revocations(uuid, text), ${schema}.missing_revocation_triggers(),
    ${schema}.revocation_origins() TO ${reader};
`;
};
