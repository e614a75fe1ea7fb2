import { AS_OWNER, type Names } from "./names.ts";

/** The revocations and the token versions: how they are written, and who hears of it. */
export const versions = ({
  schema,
  user,
  session,
  columns,
  expiresAt,
  isBanned,
  sessionId,
  userIds,
}: Names): string => {
  const role = columns.user.role ? `u.${columns.user.role}::text` : "NULL::text";
  return `
-- A margin for leeway and clock differences.
CREATE OR REPLACE FUNCTION ${schema}.revocation_margin() RETURNS interval
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT interval '1 hour' $$;

-- How long a row must be kept: the longest token life, and the margin.
CREATE OR REPLACE FUNCTION ${schema}.revocation_token_life() RETURNS interval
    LANGUAGE sql STABLE ${AS_OWNER} AS $$
    SELECT coalesce((SELECT max_token_life FROM ${schema}.revocation_installation), interval '31 days 1 hour')
$$;

-- revocation: tell the readers, and drop a batch of rows that no token can need any more. What few rows say fits into
-- the notification, so that it counts at once; its session and user ids open nothing. Readers still ask, for proof.
-- A stricter isolation level could fail the caller's transaction over the clean-up, so that one leaves it to the next.
CREATE OR REPLACE FUNCTION ${schema}.revocation_added() RETURNS trigger
    LANGUAGE plpgsql ${AS_OWNER} AS $$
DECLARE
    news text;
BEGIN
    IF NOT EXISTS (SELECT FROM added) THEN
        RETURN NULL;
    END IF;
    SELECT CASE WHEN count(*) <= 20 THEN json_agg(${rowAsJson("few")}) END INTO news
        FROM (SELECT * FROM added LIMIT 21) few;
    PERFORM pg_notify(name, CASE WHEN octet_length(news) < 8000 THEN news ELSE '' END)
        FROM (SELECT name FROM ${schema}.revocation_channel ORDER BY id LIMIT 1) in_use;
    IF current_setting('transaction_isolation') = 'read committed' THEN
        DELETE FROM ${schema}.revocation WHERE id IN (
            SELECT id FROM ${schema}.revocation WHERE expires_at < now()
            ORDER BY expires_at LIMIT 100 FOR UPDATE SKIP LOCKED
        );
    END IF;
    RETURN NULL;
END $$;

-- A version that no token has yet: the seconds since 2026, which are above every earlier version even if the table that
-- knew it is gone, or is that of a backup. Readers hold versions of 31 bits in the least memory.
CREATE OR REPLACE FUNCTION ${schema}.revocation_next_version() RETURNS bigint
    LANGUAGE sql VOLATILE AS $$
    SELECT floor(extract(epoch FROM clock_timestamp()) - extract(epoch FROM timestamptz '2026-01-01 00:00Z'))::bigint
$$;

-- revocation_version: whatever is written, a version rises. The last one stays, so that nothing can fail here. A row that is
-- imported keeps its version, unless none can have been raised so far.
CREATE OR REPLACE FUNCTION ${schema}.revocation_version_rising() RETURNS trigger
    LANGUAGE plpgsql ${AS_OWNER} AS $$
BEGIN
    NEW.version := CASE TG_OP
        WHEN 'INSERT' THEN greatest(least(NEW.version, ${schema}.revocation_next_version()), 1)
        ELSE least(greatest(OLD.version + 1, ${schema}.revocation_next_version()), 9007199254740991)
    END;
    RETURN NEW;
END $$;

-- revocation_version: each raised version revokes the lower ones.
CREATE OR REPLACE FUNCTION ${schema}.revocation_version_raised() RETURNS trigger
    LANGUAGE plpgsql ${AS_OWNER} AS $$
DECLARE
    longest interval := ${schema}.revocation_token_life();
BEGIN
    INSERT INTO ${schema}.revocation (sub, min_ver, expires_at)
        SELECT user_id, version, now() + longest FROM raised;
    RETURN NULL;
END $$;

-- revocation_version: a row that is gone would let old tokens in again.
CREATE OR REPLACE FUNCTION ${schema}.revocation_version_kept() RETURNS trigger
    LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'revocation: token versions are not deleted' USING ERRCODE = 'RV003';
END $$;

-- Revokes every token of these users that was issued before.
CREATE OR REPLACE FUNCTION ${schema}.revocation_raise(users text[]) RETURNS void
    LANGUAGE sql ${AS_OWNER} AS $$
    INSERT INTO ${schema}.revocation_version AS present (user_id, version)
        SELECT DISTINCT id, ${schema}.revocation_next_version() FROM unnest(users) id ORDER BY id
        ON CONFLICT (user_id) DO UPDATE SET version = present.version + 1
$$;

-- Waits for whoever opens or ends sessions of these users in another transaction.
CREATE OR REPLACE FUNCTION ${schema}.revocation_take_lock(users text[]) RETURNS void
    LANGUAGE sql ${AS_OWNER} AS $$
    INSERT INTO ${schema}.revocation_lock AS present (user_id)
        SELECT DISTINCT id FROM unnest(users) id ORDER BY id
        ON CONFLICT (user_id) DO UPDATE SET taken = present.taken + 1
$$;

-- Ends all sessions of these users, those that are being opened too.
CREATE OR REPLACE FUNCTION ${schema}.revocation_end_sessions(users text[]) RETURNS bigint
    LANGUAGE plpgsql ${AS_OWNER} AS $$
DECLARE
    ended bigint;
BEGIN
    PERFORM ${schema}.revocation_take_lock(users);
    DELETE FROM ${session} WHERE ${columns.session.userId} = ANY (${userIds("users")});
    GET DIAGNOSTICS ended = ROW_COUNT;
    RETURN ended;
END $$;

-- For the operator: ends a user's sessions and revokes every token. Returns the number of sessions.
CREATE OR REPLACE FUNCTION ${schema}.revoke_user(user_id text) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM ${schema}.revocation_raise(ARRAY[user_id]);
    RETURN ${schema}.revocation_end_sessions(ARRAY[user_id]);
END $$;

-- For the operator: revokes every token issued before now. Sessions live on. Returns the number of users.
CREATE OR REPLACE FUNCTION ${schema}.revoke_all() RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    users text[] := ARRAY(SELECT ${columns.user.id}::text FROM ${user});
BEGIN
    PERFORM ${schema}.revocation_raise(users);
    RETURN cardinality(users);
END $$;

-- What a token is minted from, read at one moment, so that no older right gets under a newer version. No row: the
-- session is over.
CREATE OR REPLACE FUNCTION ${schema}.revocation_token_state(
    session_id text, OUT version bigint, OUT role text, OUT banned boolean, OUT expires_at timestamptz
) RETURNS SETOF record LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(v.version, 0), ${role}, ${isBanned("u")}, ${expiresAt("s")}
    FROM ${session} s
    JOIN ${user} u ON u.${columns.user.id} = s.${columns.session.userId}
    LEFT JOIN ${schema}.revocation_version v ON v.user_id = u.${columns.user.id}::text
    WHERE s.${columns.session.id} = ${sessionId("session_id")} AND ${expiresAt("s")} > now()
$$;

CREATE OR REPLACE TRIGGER revocation_added AFTER INSERT ON ${schema}.revocation
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.revocation_added();
CREATE OR REPLACE TRIGGER revocation_version_rising BEFORE INSERT OR UPDATE ON ${schema}.revocation_version
    FOR EACH ROW EXECUTE FUNCTION ${schema}.revocation_version_rising();
CREATE OR REPLACE TRIGGER revocation_version_first AFTER INSERT ON ${schema}.revocation_version
    REFERENCING NEW TABLE AS raised FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.revocation_version_raised();
CREATE OR REPLACE TRIGGER revocation_version_next AFTER UPDATE ON ${schema}.revocation_version
    REFERENCING NEW TABLE AS raised FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.revocation_version_raised();
CREATE OR REPLACE TRIGGER revocation_version_kept BEFORE DELETE OR TRUNCATE ON ${schema}.revocation_version
    FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.revocation_version_kept();
`;
};

/** A row of the table of revocations under this alias, as readers know it. */
export const rowAsJson = (alias: string): string => `json_strip_nulls(json_build_object(
            'sid', ${alias}.sid, 'sub', ${alias}.sub, 'min_ver', ${alias}.min_ver, 'jti', ${alias}.jti,
            'effective_at', ceil(extract(epoch FROM ${alias}.effective_at))::bigint, 'client_id', ${alias}.client_id,
            'iss', ${alias}.iss, 'issued_before', ${alias}.issued_before,
            'expires_at', ceil(extract(epoch FROM ${alias}.expires_at))::bigint
        ))`;
