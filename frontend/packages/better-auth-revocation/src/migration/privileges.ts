import { identifier, literal } from "../database/sql.ts";

/** What a resource server calls. `revocations_after` is for readers of version 2. */
const FUNCTIONS = [
  "revocation_page(text, integer)",
  "revocations_after(text, integer)",
  "acknowledge_revocations(uuid, text)",
  "missing_revocation_triggers()",
  "revocation_origins()",
];

/** The statements that let a database role follow the feed, and no more. */
export function readerGrants(schema: string, role: string): string[] {
  const own = identifier(schema);
  const reader = identifier(role);
  return [
    `GRANT USAGE ON SCHEMA ${own} TO ${reader}`,
    `GRANT SELECT ON ${own}.revocation TO ${reader}`,
    `GRANT EXECUTE ON FUNCTION ${FUNCTIONS.map((one) => `${own}.${one}`).join(",\n    ")} TO ${reader}`,
  ];
}

/* CASE: a condition may be evaluated for every row, and `to_regproc` fails on the others' identities before Postgres 16. */

/** The statements that take every right on our objects away from everybody but their owner and, with `role`, give that
 * one what it needs to follow the feed. To be run after the objects are made. */
export function privilegesOf(schema: string, role?: string): string[] {
  const grantees = ["PUBLIC", ...(role === undefined ? [] : [identifier(role)])].join(", ");
  const own = identifier(schema);
  const withdraw = `DO $withdraw$
DECLARE
    one text;
BEGIN
    FOR one IN
        SELECT format('%s %I.%I', CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, ${literal(schema)}, c.relname)
        FROM pg_class c
        WHERE c.relnamespace = to_regnamespace(${literal(own)}) AND c.relkind IN ('r', 'S') AND c.relname LIKE 'revocation%'
        UNION ALL
        SELECT 'FUNCTION ' || o.identity FROM ${own}.revocation_object o
        WHERE CASE o.kind WHEN 'function' THEN to_regproc(o.identity) IS NOT NULL END
    LOOP
        EXECUTE 'REVOKE ALL ON ' || one || ' FROM ' || ${literal(grantees)};
    END LOOP;
END $withdraw$`;
  return [withdraw, ...(role === undefined ? [] : readerGrants(schema, role))];
}
