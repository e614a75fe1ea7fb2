import { AS_OWNER, type Names } from "./names.ts";
import { isBanned } from "./versions.ts";

/** What happens to Better Auth's sessions and users: who may open a session, and what ends one. */
export const sessions = ({ schema, user, session, account }: Names): string => `
-- What a session remembers of the password that opened it: a digest of the stored hash, which has a random salt.
CREATE OR REPLACE FUNCTION ${schema}.revocation_fingerprint(password_hash text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT encode(sha256(convert_to(password_hash, 'UTF8')), 'hex') $$;

-- Whether a user still has the password of that fingerprint. To be asked while the user's lock is held.
CREATE OR REPLACE FUNCTION ${schema}.revocation_password_stands(of_user text, fingerprint text) RETURNS boolean
    LANGUAGE sql ${AS_OWNER} AS $$
    SELECT EXISTS (
        SELECT FROM ${account} a
        WHERE a."userId"::text = of_user AND ${schema}.revocation_fingerprint(a.password) = fingerprint
    )
$$;

-- session, before the insert: not for a banned user, and not with a password that has been changed since it was
-- verified, however long ago that was. Sessions that no password opened have no fingerprint.
CREATE OR REPLACE FUNCTION ${schema}.revocation_session_opening() RETURNS trigger
    LANGUAGE plpgsql ${AS_OWNER} AS $$
BEGIN
    PERFORM ${schema}.revocation_take_lock(ARRAY[NEW."userId"::text]);
    IF EXISTS (SELECT FROM ${user} u WHERE u.id = NEW."userId" AND ${isBanned("u")}) THEN
        RAISE EXCEPTION 'revocation: the user is banned' USING ERRCODE = 'RV002';
    END IF;
    IF NEW."passwordFingerprint" IS NOT NULL
        AND NOT ${schema}.revocation_password_stands(NEW."userId"::text, NEW."passwordFingerprint")
    THEN
        RAISE EXCEPTION 'revocation: the password has been changed since it was verified' USING ERRCODE = 'RV001';
    END IF;
    RETURN NEW;
END $$;

-- session: a live session is deleted. An expired one has no live token: none outlives its session.
CREATE OR REPLACE FUNCTION ${schema}.revocation_session_deleted() RETURNS trigger
    LANGUAGE plpgsql ${AS_OWNER} AS $$
DECLARE
    longest interval := ${schema}.revocation_token_life();
BEGIN
    INSERT INTO ${schema}.revocation (sid, expires_at)
    SELECT id::text, least("expiresAt" + ${schema}.revocation_margin(), now() + longest)
    FROM gone WHERE "expiresAt" + ${schema}.revocation_margin() > now();
    RETURN NULL;
END $$;

-- session: "expiresAt" is brought forward. Into the past: the session has ended. Otherwise the tokens that would
-- outlive it die through the user's version; those minted from now on end with it.
CREATE OR REPLACE FUNCTION ${schema}.revocation_session_shortened() RETURNS trigger
    LANGUAGE plpgsql ${AS_OWNER} AS $$
BEGIN
    IF NEW."expiresAt" <= now() THEN
        INSERT INTO ${schema}.revocation (sid, expires_at)
        VALUES (OLD.id::text,
            least(OLD."expiresAt" + ${schema}.revocation_margin(), now() + ${schema}.revocation_token_life()));
    ELSE
        PERFORM ${schema}.revocation_raise(ARRAY[OLD."userId"::text]);
    END IF;
    RETURN NULL;
END $$;

-- session: TRUNCATE gives no rows to look at afterwards.
CREATE OR REPLACE FUNCTION ${schema}.revocation_session_truncated() RETURNS trigger
    LANGUAGE plpgsql ${AS_OWNER} AS $$
DECLARE
    longest interval := ${schema}.revocation_token_life();
BEGIN
    INSERT INTO ${schema}.revocation (sid, expires_at)
    SELECT id::text, least("expiresAt" + ${schema}.revocation_margin(), now() + longest)
    FROM ${session} WHERE "expiresAt" + ${schema}.revocation_margin() > now();
    RETURN NULL;
END $$;

-- user: a change of rights revokes the tokens that carry the old ones; a ban ends the sessions too.
CREATE OR REPLACE FUNCTION ${schema}.revocation_user_changed() RETURNS trigger
    LANGUAGE plpgsql ${AS_OWNER} AS $$
DECLARE
    changed text[];
    banned text[];
BEGIN
    SELECT
        coalesce(array_agg(n.id::text) FILTER (
            WHERE (n.role, n.banned) IS DISTINCT FROM (o.role, o.banned) OR ${isBanned("n")} AND NOT ${isBanned("o")}
        ), '{}'),
        coalesce(array_agg(n.id::text) FILTER (WHERE ${isBanned("n")} AND NOT ${isBanned("o")}), '{}')
    INTO changed, banned
    FROM after_update n JOIN before_update o ON o.id = n.id;
    IF changed <> '{}' THEN
        PERFORM ${schema}.revocation_raise(changed);
    END IF;
    IF banned <> '{}' THEN
        PERFORM ${schema}.revocation_end_sessions(banned);
    END IF;
    RETURN NULL;
END $$;

-- user: a deleted user has no valid token at all.
CREATE OR REPLACE FUNCTION ${schema}.revocation_user_deleted() RETURNS trigger
    LANGUAGE plpgsql ${AS_OWNER} AS $$
BEGIN
    PERFORM ${schema}.revocation_raise(ARRAY(SELECT id::text FROM gone));
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION ${schema}.revocation_user_truncated() RETURNS trigger
    LANGUAGE plpgsql ${AS_OWNER} AS $$
BEGIN
    PERFORM ${schema}.revocation_raise(ARRAY(SELECT id::text FROM ${user}));
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER revocation_session_opening BEFORE INSERT ON ${session}
    FOR EACH ROW EXECUTE FUNCTION ${schema}.revocation_session_opening();
CREATE OR REPLACE TRIGGER revocation_session_deleted AFTER DELETE ON ${session}
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.revocation_session_deleted();
CREATE OR REPLACE TRIGGER revocation_session_shortened AFTER UPDATE OF "expiresAt" ON ${session}
    FOR EACH ROW WHEN (NEW."expiresAt" < OLD."expiresAt") EXECUTE FUNCTION ${schema}.revocation_session_shortened();
CREATE OR REPLACE TRIGGER revocation_session_truncated BEFORE TRUNCATE ON ${session}
    FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.revocation_session_truncated();
CREATE OR REPLACE TRIGGER revocation_user_changed AFTER UPDATE ON ${user}
    REFERENCING OLD TABLE AS before_update NEW TABLE AS after_update
    FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.revocation_user_changed();
CREATE OR REPLACE TRIGGER revocation_user_deleted AFTER DELETE ON ${user}
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.revocation_user_deleted();
CREATE OR REPLACE TRIGGER revocation_user_truncated BEFORE TRUNCATE ON ${user}
    FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.revocation_user_truncated();

-- Bans of before these triggers.
SELECT ${schema}.revocation_end_sessions(ARRAY(SELECT u.id::text FROM ${user} u WHERE ${isBanned("u")}));
`;
