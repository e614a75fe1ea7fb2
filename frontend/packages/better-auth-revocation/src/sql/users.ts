import { AS_OWNER, type Names } from "./names.ts";

/** What happens to Better Auth's users. Without the admin plugin there are no roles and no bans. */
export const users = (names: Names): string => {
  const { schema, user } = names;
  const { id, role, banned } = names.columns.user;
  const rights = [role, banned].filter((column) => column !== undefined);
  return `${rights.length ? rightsChanged(names, rights) : ""}
-- user: a deleted user has no valid token at all.
CREATE OR REPLACE FUNCTION ${schema}.revocation_user_deleted() RETURNS trigger
    LANGUAGE plpgsql ${AS_OWNER} AS $$
BEGIN
    PERFORM ${schema}.revocation_raise(ARRAY(SELECT ${id}::text FROM gone));
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION ${schema}.revocation_user_truncated() RETURNS trigger
    LANGUAGE plpgsql ${AS_OWNER} AS $$
BEGIN
    PERFORM ${schema}.revocation_raise(ARRAY(SELECT ${id}::text FROM ${user}));
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER revocation_user_deleted AFTER DELETE ON ${user}
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.revocation_user_deleted();
CREATE OR REPLACE TRIGGER revocation_user_truncated BEFORE TRUNCATE ON ${user}
    FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.revocation_user_truncated();

`;
};

const rightsChanged = ({ schema, user, columns, isBanned }: Names, rights: string[]): string => {
  const { id } = columns.user;
  const list = (row: string) => `ROW(${rights.map((column) => `${row}.${column}`).join(", ")})`;
  return `
-- user: a change of rights revokes the tokens that carry the old ones; a ban ends the sessions too.
CREATE OR REPLACE FUNCTION ${schema}.revocation_user_changed() RETURNS trigger
    LANGUAGE plpgsql ${AS_OWNER} AS $$
DECLARE
    changed text[];
    banned text[];
BEGIN
    SELECT
        coalesce(array_agg(n.${id}::text) FILTER (
            WHERE ${list("n")} IS DISTINCT FROM ${list("o")} OR ${isBanned("n")} AND NOT ${isBanned("o")}
        ), '{}'),
        coalesce(array_agg(n.${id}::text) FILTER (WHERE ${isBanned("n")} AND NOT ${isBanned("o")}), '{}')
    INTO changed, banned
    FROM after_update n JOIN before_update o ON o.${id} = n.${id};
    IF changed <> '{}' THEN
        PERFORM ${schema}.revocation_raise(changed);
    END IF;
    IF banned <> '{}' THEN
        PERFORM ${schema}.revocation_end_sessions(banned);
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER revocation_user_changed AFTER UPDATE ON ${user}
    REFERENCING OLD TABLE AS before_update NEW TABLE AS after_update
    FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.revocation_user_changed();
`;
};

/** Ends what bans of before the triggers have left. */
export const endBannedSessions = ({ schema, user, columns, isBanned }: Names): string =>
  `SELECT ${schema}.revocation_end_sessions(ARRAY(SELECT u.${columns.user.id}::text FROM ${user} u WHERE ${isBanned("u")}))`;
