import type { Names } from "./names.ts";
import { KIND } from "./tables.ts";

/** Functions of the first version, which had no prefix. */
const FORMER_FUNCTIONS = [
  "session_deleted()",
  "session_shortened()",
  "session_truncated()",
  "user_changing()",
  "user_changed()",
  "user_deleted()",
  "user_truncated()",
  "password_changed()",
  "last_heard(timestamptz, boolean)",
  "max_token_life()",
  "token_margin()",
];

/** Before the tables: what an earlier version left that has another shape now. */
export const beforeTables = ({ schema }: Names): string => `
DO $upgrade$ BEGIN
    -- Written anew within seconds by everyone who follows.
    IF to_regclass('${schema}.revocation_listener') IS NOT NULL AND NOT EXISTS (
        SELECT FROM pg_attribute
        WHERE attrelid = to_regclass('${schema}.revocation_listener') AND attname = 'credential'
    ) THEN
        DROP TABLE ${schema}.revocation_listener;
    END IF;
    IF EXISTS (
        SELECT FROM pg_attribute
        WHERE attrelid = to_regclass('${schema}.revocation') AND attname = 'min_ver' AND atttypid = 'integer'::regtype
    ) THEN
        ALTER TABLE ${schema}.revocation ALTER COLUMN min_ver TYPE bigint;
    END IF;
    IF to_regclass('${schema}.revocation') IS NOT NULL AND NOT EXISTS (
        SELECT FROM pg_attribute WHERE attrelid = to_regclass('${schema}.revocation') AND attname = 'jti'
    ) THEN
        ALTER TABLE ${schema}.revocation
            ADD COLUMN jti text, ADD COLUMN effective_at timestamptz, ADD COLUMN client_id text, ADD COLUMN iss text,
            ADD COLUMN issued_before bigint,
            DROP CONSTRAINT IF EXISTS revocation_kind, ADD ${KIND};
    END IF;
END $upgrade$;
DROP FUNCTION IF EXISTS ${schema}.revocations_after(text, integer);
`;

/** After the tables and before the triggers: token versions that were a column of the user's. It is read here for the
 * last time; nothing writes it any more. */
export const carryVersionsOver = ({ schema, user }: Names): string => `
DO $upgrade$ BEGIN
    IF EXISTS (
        SELECT FROM pg_attribute
        WHERE attrelid = '${user}'::regclass AND attname = 'tokenVersion' AND NOT attisdropped
    ) AND NOT EXISTS (SELECT FROM ${schema}.revocation_installation) THEN
        INSERT INTO ${schema}.revocation_version (user_id, version)
            SELECT id::text, "tokenVersion" FROM ${user} WHERE "tokenVersion" > 0 ON CONFLICT DO NOTHING;
    END IF;
END $upgrade$;
`;

/** What nothing refers to any more. */
export const dropFormer = ({ schema, user }: Names): string => `
DROP TRIGGER IF EXISTS revocation_user_changing ON ${user};
${FORMER_FUNCTIONS.map((name) => `DROP FUNCTION IF EXISTS ${schema}.${name};`).join("\n")}
`;

/** How long the first version kept a revocation, if that was installed. */
export const formerTokenLife = ({ schema }: Names): string => `
DO $upgrade$
DECLARE
    kept interval;
BEGIN
    IF to_regprocedure('${schema}.max_token_life()') IS NOT NULL THEN
        EXECUTE 'SELECT ${schema}.max_token_life()' INTO kept;
        UPDATE ${schema}.revocation_installation SET max_token_life = greatest(max_token_life, kept);
    END IF;
END $upgrade$;
`;
