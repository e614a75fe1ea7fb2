import { literal } from "../database/sql.ts";
import type { Names } from "./names.ts";
import { KIND } from "./tables.ts";

/** Functions of the first release of this repository's application, which had no prefix. */
const OF_THE_FIRST_RELEASE = [
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

/** What only that release had: the mark by which it is known. */
const isFirstRelease = ({ schema }: Names): string =>
  `to_regprocedure(${literal(`${schema}.max_token_life()`)}) IS NOT NULL
        AND to_regprocedure(${literal(`${schema}.token_margin()`)}) IS NOT NULL`;

const hasColumn = (table: string, column: string): string =>
  `EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass(${literal(table)}) AND attname = ${literal(column)}
        AND NOT attisdropped)`;

/** Before all objects: what an earlier version left in another form. Leaves alone what is right already. */
export const beforeObjects = (names: Names): string => {
  const { schema, user } = names;
  const own = (table: string) => `${schema}.${table}`;
  const lacks = (table: string, column: string) =>
    `to_regclass(${literal(own(table))}) IS NOT NULL AND NOT ${hasColumn(own(table), column)}`;
  return `
DO $upgrade$ BEGIN
    -- Written anew within seconds by everyone who follows.
    IF ${lacks("revocation_listener", "credential")} THEN
        DROP TABLE ${schema}.revocation_listener;
    END IF;
    IF EXISTS (
        SELECT FROM pg_attribute
        WHERE attrelid = to_regclass(${literal(own("revocation"))}) AND attname = 'min_ver' AND atttypid = 'integer'::regtype
    ) THEN
        ALTER TABLE ${schema}.revocation ALTER COLUMN min_ver TYPE bigint;
    END IF;
    IF ${lacks("revocation", "jti")} THEN
        ALTER TABLE ${schema}.revocation
            ADD COLUMN jti text, ADD COLUMN effective_at timestamptz, ADD COLUMN client_id text, ADD COLUMN iss text,
            ADD COLUMN issued_before bigint,
            DROP CONSTRAINT IF EXISTS revocation_kind, ADD ${KIND};
    END IF;
    IF ${lacks("revocation_installation", "made_schema")} THEN
        ALTER TABLE ${schema}.revocation_installation
            ADD COLUMN made_schema boolean NOT NULL DEFAULT false, DROP COLUMN IF EXISTS digest;
        ALTER TABLE ${schema}.revocation_installation ALTER COLUMN made_schema DROP DEFAULT;
    END IF;
    -- Written anew at the end.
    IF ${lacks("revocation_object", "trigger_name")} THEN
        DROP TABLE ${schema}.revocation_object;
    END IF;
    -- It had fewer columns at first, which can't be replaced.
    IF (SELECT cardinality(proallargtypes) FROM pg_proc
        WHERE oid = to_regprocedure(${literal(`${schema}.revocations_after(text, integer)`)})) <> 14
    THEN
        DROP FUNCTION ${schema}.revocations_after(text, integer);
    END IF;
    IF ${lacks("revocation_renewal", "renewed_at")} THEN
        -- A constant default writes no row; when long-past renewals were made makes no difference.
        ALTER TABLE ${schema}.revocation_renewal ADD COLUMN renewed_at timestamptz NOT NULL DEFAULT 'epoch';
        ALTER TABLE ${schema}.revocation_renewal ALTER COLUMN renewed_at SET DEFAULT clock_timestamp();
        UPDATE ${schema}.revocation_renewal SET renewed_at = issued_at WHERE issued_at > now() - interval '2 hours';
        DROP INDEX IF EXISTS ${schema}.revocation_renewal_session;
    END IF;
    -- Token versions were a column of the user's, which is read here for the last time. Before the triggers of the table:
    -- these are not raised versions.
    IF ${isFirstRelease(names)} AND ${hasColumn(user, "tokenVersion")}
        AND to_regclass(${literal(own("revocation_version"))}) IS NULL
    THEN
        CREATE TABLE ${schema}.revocation_version (
            user_id text PRIMARY KEY,
            version bigint NOT NULL CHECK (version BETWEEN 0 AND 9007199254740991)
        );
        INSERT INTO ${schema}.revocation_version (user_id, version)
            SELECT ${names.columns.user.id}::text, "tokenVersion" FROM ${user} WHERE "tokenVersion" > 0;
    END IF;
END $upgrade$`;
};

/** At the end: what nothing refers to any more, and how long the first release kept a revocation. */
export const dropFormer = (names: Names): string => {
  const { schema, user } = names;
  return `
DO $upgrade$
DECLARE
    kept interval;
BEGIN
    IF ${isFirstRelease(names)} THEN
        EXECUTE ${literal(`SELECT ${schema}.max_token_life()`)} INTO kept;
        UPDATE ${schema}.revocation_installation SET max_token_life = greatest(max_token_life, kept);
        DROP TRIGGER IF EXISTS revocation_user_changing ON ${user};
        DROP FUNCTION IF EXISTS ${OF_THE_FIRST_RELEASE.map((name) => `${schema}.${name}`).join(",\n            ")};
    END IF;
    DROP FUNCTION IF EXISTS ${schema}.revocation_objects(), ${schema}.revocation_functions();
END $upgrade$`;
};
