import { AS_OWNER, type Names } from "./names.ts";

/** What happens to Better Auth's sessions: who may open one, and what ends one. */
export const sessions = ({ schema, user, session, account, columns, ...names }: Names): string => {
  const { id, userId, expiresAt, passwordFingerprint: fingerprint } = columns.session;
  const { userId: owner, password } = columns.account;
  // A live session is revoked. An expired one has no live token: none outlives its session.
  const revokeAll = (rows: string) => `
    INSERT INTO ${schema}.revocation (sid, expires_at)
    SELECT s.${id}::text, least(${names.expiresAt("s")} + ${schema}.revocation_margin(), now() + longest)
    FROM ${rows} s WHERE ${names.expiresAt("s")} + ${schema}.revocation_margin() > now();`;
  const assertPasswordStands = fingerprint
    ? `
    IF NEW.${fingerprint} IS NOT NULL
        AND NOT ${schema}.revocation_password_stands(NEW.${userId}::text, NEW.${fingerprint})
    THEN
        RAISE EXCEPTION 'revocation: the password has been changed since it was verified' USING ERRCODE = 'RV001';
    END IF;`
    : "";
  return `
-- What a session remembers of the password that opened it: a digest of the stored hash, which has a random salt.
CREATE OR REPLACE FUNCTION ${schema}.revocation_fingerprint(password_hash text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT encode(sha256(convert_to(password_hash, 'UTF8')), 'hex') $$;

-- Whether a user still has the password of that fingerprint. To be asked while the user's lock is held.
CREATE OR REPLACE FUNCTION ${schema}.revocation_password_stands(of_user text, fingerprint text) RETURNS boolean
    LANGUAGE sql ${AS_OWNER} AS $$
    SELECT EXISTS (
        SELECT FROM ${account} a
        WHERE a.${owner} = ${names.userId("of_user")} AND ${schema}.revocation_fingerprint(a.${password}) = fingerprint
    )
$$;

-- session, before the insert: not for a banned user, and not with a password that has been changed since it was
-- verified, however long ago that was. Sessions that no password opened have no fingerprint.
CREATE OR REPLACE FUNCTION ${schema}.revocation_session_opening() RETURNS trigger
    LANGUAGE plpgsql ${AS_OWNER} AS $$
BEGIN
    PERFORM ${schema}.revocation_take_lock(ARRAY[NEW.${userId}::text]);
    IF EXISTS (SELECT FROM ${user} u WHERE u.${columns.user.id} = NEW.${userId} AND ${names.isBanned("u")}) THEN
        RAISE EXCEPTION 'revocation: the user is banned' USING ERRCODE = 'RV002';
    END IF;${assertPasswordStands}
    RETURN NEW;
END $$;

-- session: a live session is deleted. An expired one has no live token: none outlives its session.
CREATE OR REPLACE FUNCTION ${schema}.revocation_session_deleted() RETURNS trigger
    LANGUAGE plpgsql ${AS_OWNER} AS $$
DECLARE
    longest interval := ${schema}.revocation_token_life();
BEGIN${revokeAll("gone")}
    RETURN NULL;
END $$;

-- session: "expiresAt" is brought forward. Into the past: the session has ended. Otherwise the tokens that would
-- outlive it are revoked by the user's version; those minted from now on end with it. Requests that extend a session
-- at once write ends a few milliseconds apart, in any order: less than a minute revokes nothing.
CREATE OR REPLACE FUNCTION ${schema}.revocation_session_shortened() RETURNS trigger
    LANGUAGE plpgsql ${AS_OWNER} AS $$
BEGIN
    IF ${names.expiresAt("NEW")} <= now() THEN
        INSERT INTO ${schema}.revocation (sid, expires_at)
        VALUES (OLD.${id}::text,
            least(${names.expiresAt("OLD")} + ${schema}.revocation_margin(), now() + ${schema}.revocation_token_life()));
    ELSE
        PERFORM ${schema}.revocation_raise(ARRAY[OLD.${userId}::text]);
    END IF;
    RETURN NULL;
END $$;

-- session: TRUNCATE gives no rows to look at afterwards.
CREATE OR REPLACE FUNCTION ${schema}.revocation_session_truncated() RETURNS trigger
    LANGUAGE plpgsql ${AS_OWNER} AS $$
DECLARE
    longest interval := ${schema}.revocation_token_life();
BEGIN${revokeAll(session)}
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER revocation_session_opening BEFORE INSERT ON ${session}
    FOR EACH ROW EXECUTE FUNCTION ${schema}.revocation_session_opening();
CREATE OR REPLACE TRIGGER revocation_session_deleted AFTER DELETE ON ${session}
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.revocation_session_deleted();
CREATE OR REPLACE TRIGGER revocation_session_shortened AFTER UPDATE OF ${expiresAt} ON ${session}
    FOR EACH ROW WHEN (
        ${names.expiresAt("NEW")} < ${names.expiresAt("OLD")} - interval '1 minute'
        OR (NEW.${expiresAt} < OLD.${expiresAt} AND ${names.expiresAt("NEW")} <= now())
    ) EXECUTE FUNCTION ${schema}.revocation_session_shortened();
CREATE OR REPLACE TRIGGER revocation_session_truncated BEFORE TRUNCATE ON ${session}
    FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.revocation_session_truncated();
`;
};
