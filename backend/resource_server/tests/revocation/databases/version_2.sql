-- The revocation feed as its version 2 installed it, on the tables of shared_fixtures/auth_schema.sql. Never edited.
SET LOCAL lock_timeout = '10s';
SELECT pg_advisory_xact_lock(hashtext('revocation installation'));

DO $upgrade$ BEGIN
    -- Written anew within seconds by everyone who follows.
    IF to_regclass('"auth".revocation_listener') IS NOT NULL AND NOT EXISTS (
        SELECT FROM pg_attribute
        WHERE attrelid = to_regclass('"auth".revocation_listener') AND attname = 'credential'
    ) THEN
        DROP TABLE "auth".revocation_listener;
    END IF;
    IF EXISTS (
        SELECT FROM pg_attribute
        WHERE attrelid = to_regclass('"auth".revocation') AND attname = 'min_ver' AND atttypid = 'integer'::regtype
    ) THEN
        ALTER TABLE "auth".revocation ALTER COLUMN min_ver TYPE bigint;
    END IF;
END $upgrade$;
DROP FUNCTION IF EXISTS "auth".revocations_after(text, integer);


CREATE TABLE IF NOT EXISTS "auth".revocation (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    sid text,
    sub text,
    min_ver bigint,
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT revocation_kind CHECK (
        (sid IS NOT NULL AND sub IS NULL AND min_ver IS NULL)
        OR (sid IS NULL AND sub IS NOT NULL AND min_ver IS NOT NULL)
    ),
    CONSTRAINT revocation_finite CHECK (expires_at BETWEEN '2000-01-01' AND '2100-01-01')
);
COMMENT ON TABLE "auth".revocation IS
    'A token is revoked when its sid is here, or when its ver is below min_ver for its sub.';
CREATE INDEX IF NOT EXISTS revocation_feed ON "auth".revocation (xid, id);
CREATE INDEX IF NOT EXISTS revocation_expiry ON "auth".revocation (expires_at);

-- What is installed: the version that readers need, a digest of this text, how long a revocation is kept.
CREATE TABLE IF NOT EXISTS "auth".revocation_installation (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    version integer NOT NULL,
    digest text NOT NULL,
    max_token_life interval NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE IF NOT EXISTS "auth".revocation_object (
    name text PRIMARY KEY,
    digest text NOT NULL
);
COMMENT ON TABLE "auth".revocation_object IS 'The functions and triggers as they were installed.';

-- The token version of each user for whom it was ever raised; 0 for the others. A deleted user's stays: ids can come back.
CREATE TABLE IF NOT EXISTS "auth".revocation_version (
    user_id text PRIMARY KEY,
    version bigint NOT NULL CHECK (version BETWEEN 0 AND 9007199254740991)
);

-- One row a user. Whoever opens a session and whoever ends them all writes it, so that one waits for the other, and a
-- transaction of a stricter isolation level that has not seen the other fails.
CREATE TABLE IF NOT EXISTS "auth".revocation_lock (
    user_id text PRIMARY KEY,
    taken bigint NOT NULL DEFAULT 1
) WITH (fillfactor = 70);

-- The names of the channels that readers listen to. The older one is in use, the younger one is known to all by then.
CREATE TABLE IF NOT EXISTS "auth".revocation_channel (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL DEFAULT 'revocation_' || replace(gen_random_uuid()::text, '-', ''),
    created_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO "auth".revocation_channel SELECT FROM generate_series(1, 2)
    WHERE NOT EXISTS (SELECT FROM "auth".revocation_channel);

-- Which database this is. Readers compare it with what the identity provider names; renewed, so that it tells a copy from
-- its original.
CREATE TABLE IF NOT EXISTS "auth".revocation_origin (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    nonce text NOT NULL DEFAULT replace(gen_random_uuid()::text, '-', ''),
    created_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO "auth".revocation_origin SELECT WHERE NOT EXISTS (SELECT FROM "auth".revocation_origin);

-- Who follows the feed, under which credential, since when, and up to where it is in force there.
CREATE TABLE IF NOT EXISTS "auth".revocation_listener (
    credential text NOT NULL,
    id uuid NOT NULL,
    epoch text NOT NULL,
    upto pg_snapshot NOT NULL,
    since timestamptz NOT NULL DEFAULT clock_timestamp(),
    seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (credential, id)
);
-- How often in the last minute an answer has waited in vain for a credential's listeners.
CREATE TABLE IF NOT EXISTS "auth".revocation_delay (
    credential text PRIMARY KEY,
    delays integer NOT NULL,
    since timestamptz NOT NULL
);


CREATE OR REPLACE FUNCTION "auth".revocation_functions() RETURNS SETOF oid
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT p.oid FROM pg_proc p
    WHERE p.pronamespace = '"auth"'::regnamespace
        AND (p.proname LIKE 'revocation\_%' OR p.proname IN ('acknowledge_revocations', 'await_revocations', 'missing_revocation_triggers', 'revoke_all', 'revoke_user', 'revocations_after'))
$$;


DO $upgrade$ BEGIN
    IF EXISTS (
        SELECT FROM pg_attribute
        WHERE attrelid = '"auth"."user"'::regclass AND attname = 'tokenVersion' AND NOT attisdropped
    ) AND NOT EXISTS (SELECT FROM "auth".revocation_installation) THEN
        INSERT INTO "auth".revocation_version (user_id, version)
            SELECT id::text, "tokenVersion" FROM "auth"."user" WHERE "tokenVersion" > 0 ON CONFLICT DO NOTHING;
    END IF;
END $upgrade$;


-- A margin for leeway and clock differences.
CREATE OR REPLACE FUNCTION "auth".revocation_margin() RETURNS interval
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT interval '1 hour' $$;

-- How long a row must be kept: the longest token life, and the margin.
CREATE OR REPLACE FUNCTION "auth".revocation_token_life() RETURNS interval
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce((SELECT max_token_life FROM "auth".revocation_installation), interval '31 days 1 hour')
$$;

-- revocation: tell the readers, and drop a batch of rows that no token can need any more. What few rows say fits into
-- the notification, so that it counts at once; its session and user ids open nothing. Readers still ask, for proof.
-- A stricter isolation level could fail the caller's transaction over the clean-up, so that one leaves it to the next.
CREATE OR REPLACE FUNCTION "auth".revocation_added() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    news text;
BEGIN
    IF NOT EXISTS (SELECT FROM added) THEN
        RETURN NULL;
    END IF;
    SELECT CASE WHEN count(*) <= 20 THEN json_agg(json_strip_nulls(json_build_object(
        'sid', sid, 'sub', sub, 'min_ver', min_ver, 'expires_at', ceil(extract(epoch FROM expires_at))::bigint
    ))) END INTO news FROM (SELECT * FROM added LIMIT 21) few;
    PERFORM pg_notify(name, CASE WHEN octet_length(news) < 8000 THEN news ELSE '' END)
        FROM (SELECT name FROM "auth".revocation_channel ORDER BY id LIMIT 1) in_use;
    IF current_setting('transaction_isolation') = 'read committed' THEN
        DELETE FROM "auth".revocation WHERE id IN (
            SELECT id FROM "auth".revocation WHERE expires_at < now()
            ORDER BY expires_at LIMIT 100 FOR UPDATE SKIP LOCKED
        );
    END IF;
    RETURN NULL;
END $$;

-- revocation_version: whatever is written, a version rises by one. The last one stays, so that nothing can fail here.
CREATE OR REPLACE FUNCTION "auth".revocation_version_rising() RETURNS trigger
    LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE least(OLD.version + 1, 9007199254740991) END;
    RETURN NEW;
END $$;

-- revocation_version: each raised version revokes the lower ones.
CREATE OR REPLACE FUNCTION "auth".revocation_version_raised() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    longest interval := "auth".revocation_token_life();
BEGIN
    INSERT INTO "auth".revocation (sub, min_ver, expires_at)
        SELECT user_id, version, now() + longest FROM raised;
    RETURN NULL;
END $$;

-- revocation_version: a row that is gone would let old tokens in again.
CREATE OR REPLACE FUNCTION "auth".revocation_version_kept() RETURNS trigger
    LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'revocation: token versions are not deleted' USING ERRCODE = 'RV003';
END $$;

-- Revokes every token of these users that was issued before.
CREATE OR REPLACE FUNCTION "auth".revocation_raise(users text[]) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO "auth".revocation_version AS present (user_id, version)
        SELECT DISTINCT id, 1 FROM unnest(users) id ORDER BY id
        ON CONFLICT (user_id) DO UPDATE SET version = present.version + 1
$$;

-- Waits for whoever opens or ends sessions of these users in another transaction.
CREATE OR REPLACE FUNCTION "auth".revocation_take_lock(users text[]) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO "auth".revocation_lock AS present (user_id)
        SELECT DISTINCT id FROM unnest(users) id ORDER BY id
        ON CONFLICT (user_id) DO UPDATE SET taken = present.taken + 1
$$;

-- Ends all sessions of these users, those that are being opened too.
CREATE OR REPLACE FUNCTION "auth".revocation_end_sessions(users text[]) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    ended bigint;
BEGIN
    PERFORM "auth".revocation_take_lock(users);
    DELETE FROM "auth"."session" WHERE "userId"::text = ANY (users);
    GET DIAGNOSTICS ended = ROW_COUNT;
    RETURN ended;
END $$;

-- For the operator: ends a user's sessions and revokes every token. Returns the number of sessions.
CREATE OR REPLACE FUNCTION "auth".revoke_user(user_id text) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM "auth".revocation_raise(ARRAY[user_id]);
    RETURN "auth".revocation_end_sessions(ARRAY[user_id]);
END $$;

-- For the operator: revokes every token issued before now. Sessions live on. Returns the number of users.
CREATE OR REPLACE FUNCTION "auth".revoke_all() RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    users text[] := ARRAY(SELECT id::text FROM "auth"."user");
BEGIN
    PERFORM "auth".revocation_raise(users);
    RETURN cardinality(users);
END $$;

-- What a token is minted from, read at one moment, so that no older right gets under a newer version. No row: the
-- session is over.
CREATE OR REPLACE FUNCTION "auth".revocation_token_state(
    session_id text, OUT version bigint, OUT role text, OUT banned boolean, OUT expires_at timestamptz
) RETURNS SETOF record LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(v.version, 0), u.role, (u.banned IS TRUE AND (u."banExpires" IS NULL OR u."banExpires" > clock_timestamp())), s."expiresAt"
    FROM "auth"."session" s
    JOIN "auth"."user" u ON u.id = s."userId"
    LEFT JOIN "auth".revocation_version v ON v.user_id = u.id::text
    WHERE s.id::text = session_id AND s."expiresAt" > now()
$$;

CREATE OR REPLACE TRIGGER revocation_added AFTER INSERT ON "auth".revocation
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION "auth".revocation_added();
CREATE OR REPLACE TRIGGER revocation_version_rising BEFORE INSERT OR UPDATE ON "auth".revocation_version
    FOR EACH ROW EXECUTE FUNCTION "auth".revocation_version_rising();
CREATE OR REPLACE TRIGGER revocation_version_first AFTER INSERT ON "auth".revocation_version
    REFERENCING NEW TABLE AS raised FOR EACH STATEMENT EXECUTE FUNCTION "auth".revocation_version_raised();
CREATE OR REPLACE TRIGGER revocation_version_next AFTER UPDATE ON "auth".revocation_version
    REFERENCING NEW TABLE AS raised FOR EACH STATEMENT EXECUTE FUNCTION "auth".revocation_version_raised();
CREATE OR REPLACE TRIGGER revocation_version_kept BEFORE DELETE OR TRUNCATE ON "auth".revocation_version
    FOR EACH STATEMENT EXECUTE FUNCTION "auth".revocation_version_kept();


-- What a session remembers of the password that opened it: a digest of the stored hash, which has a random salt.
CREATE OR REPLACE FUNCTION "auth".revocation_fingerprint(password_hash text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT encode(sha256(convert_to(password_hash, 'UTF8')), 'hex') $$;

-- Whether a user still has the password of that fingerprint. To be asked while the user's lock is held.
CREATE OR REPLACE FUNCTION "auth".revocation_password_stands(of_user text, fingerprint text) RETURNS boolean
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM "auth"."account" a
        WHERE a."userId"::text = of_user AND "auth".revocation_fingerprint(a.password) = fingerprint
    )
$$;

-- session, before the insert: not for a banned user, and not with a password that has been changed since it was
-- verified, however long ago that was. Sessions that no password opened have no fingerprint.
CREATE OR REPLACE FUNCTION "auth".revocation_session_opening() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM "auth".revocation_take_lock(ARRAY[NEW."userId"::text]);
    IF EXISTS (SELECT FROM "auth"."user" u WHERE u.id = NEW."userId" AND (u.banned IS TRUE AND (u."banExpires" IS NULL OR u."banExpires" > clock_timestamp()))) THEN
        RAISE EXCEPTION 'revocation: the user is banned' USING ERRCODE = 'RV002';
    END IF;
    IF NEW."passwordFingerprint" IS NOT NULL
        AND NOT "auth".revocation_password_stands(NEW."userId"::text, NEW."passwordFingerprint")
    THEN
        RAISE EXCEPTION 'revocation: the password has been changed since it was verified' USING ERRCODE = 'RV001';
    END IF;
    RETURN NEW;
END $$;

-- session: a live session is deleted. An expired one has no live token: none outlives its session.
CREATE OR REPLACE FUNCTION "auth".revocation_session_deleted() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    longest interval := "auth".revocation_token_life();
BEGIN
    INSERT INTO "auth".revocation (sid, expires_at)
    SELECT id::text, least("expiresAt" + "auth".revocation_margin(), now() + longest)
    FROM gone WHERE "expiresAt" + "auth".revocation_margin() > now();
    RETURN NULL;
END $$;

-- session: "expiresAt" is brought forward. Into the past: the session has ended. Otherwise the tokens that would
-- outlive it die through the user's version; those minted from now on end with it.
CREATE OR REPLACE FUNCTION "auth".revocation_session_shortened() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW."expiresAt" <= now() THEN
        INSERT INTO "auth".revocation (sid, expires_at)
        VALUES (OLD.id::text,
            least(OLD."expiresAt" + "auth".revocation_margin(), now() + "auth".revocation_token_life()));
    ELSE
        PERFORM "auth".revocation_raise(ARRAY[OLD."userId"::text]);
    END IF;
    RETURN NULL;
END $$;

-- session: TRUNCATE gives no rows to look at afterwards.
CREATE OR REPLACE FUNCTION "auth".revocation_session_truncated() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    longest interval := "auth".revocation_token_life();
BEGIN
    INSERT INTO "auth".revocation (sid, expires_at)
    SELECT id::text, least("expiresAt" + "auth".revocation_margin(), now() + longest)
    FROM "auth"."session" WHERE "expiresAt" + "auth".revocation_margin() > now();
    RETURN NULL;
END $$;

-- user: a change of rights revokes the tokens that carry the old ones; a ban ends the sessions too.
CREATE OR REPLACE FUNCTION "auth".revocation_user_changed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    changed text[];
    banned text[];
BEGIN
    SELECT
        coalesce(array_agg(n.id::text) FILTER (
            WHERE (n.role, n.banned) IS DISTINCT FROM (o.role, o.banned) OR (n.banned IS TRUE AND (n."banExpires" IS NULL OR n."banExpires" > clock_timestamp())) AND NOT (o.banned IS TRUE AND (o."banExpires" IS NULL OR o."banExpires" > clock_timestamp()))
        ), '{}'),
        coalesce(array_agg(n.id::text) FILTER (WHERE (n.banned IS TRUE AND (n."banExpires" IS NULL OR n."banExpires" > clock_timestamp())) AND NOT (o.banned IS TRUE AND (o."banExpires" IS NULL OR o."banExpires" > clock_timestamp()))), '{}')
    INTO changed, banned
    FROM after_update n JOIN before_update o ON o.id = n.id;
    IF changed <> '{}' THEN
        PERFORM "auth".revocation_raise(changed);
    END IF;
    IF banned <> '{}' THEN
        PERFORM "auth".revocation_end_sessions(banned);
    END IF;
    RETURN NULL;
END $$;

-- user: a deleted user has no valid token at all.
CREATE OR REPLACE FUNCTION "auth".revocation_user_deleted() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM "auth".revocation_raise(ARRAY(SELECT id::text FROM gone));
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION "auth".revocation_user_truncated() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM "auth".revocation_raise(ARRAY(SELECT id::text FROM "auth"."user"));
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER revocation_session_opening BEFORE INSERT ON "auth"."session"
    FOR EACH ROW EXECUTE FUNCTION "auth".revocation_session_opening();
CREATE OR REPLACE TRIGGER revocation_session_deleted AFTER DELETE ON "auth"."session"
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION "auth".revocation_session_deleted();
CREATE OR REPLACE TRIGGER revocation_session_shortened AFTER UPDATE OF "expiresAt" ON "auth"."session"
    FOR EACH ROW WHEN (NEW."expiresAt" < OLD."expiresAt") EXECUTE FUNCTION "auth".revocation_session_shortened();
CREATE OR REPLACE TRIGGER revocation_session_truncated BEFORE TRUNCATE ON "auth"."session"
    FOR EACH STATEMENT EXECUTE FUNCTION "auth".revocation_session_truncated();
CREATE OR REPLACE TRIGGER revocation_user_changed AFTER UPDATE ON "auth"."user"
    REFERENCING OLD TABLE AS before_update NEW TABLE AS after_update
    FOR EACH STATEMENT EXECUTE FUNCTION "auth".revocation_user_changed();
CREATE OR REPLACE TRIGGER revocation_user_deleted AFTER DELETE ON "auth"."user"
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION "auth".revocation_user_deleted();
CREATE OR REPLACE TRIGGER revocation_user_truncated BEFORE TRUNCATE ON "auth"."user"
    FOR EACH STATEMENT EXECUTE FUNCTION "auth".revocation_user_truncated();

-- Bans of before these triggers.
SELECT "auth".revocation_end_sessions(ARRAY(SELECT u.id::text FROM "auth"."user" u WHERE (u.banned IS TRUE AND (u."banExpires" IS NULL OR u."banExpires" > clock_timestamp()))));


-- Ends the sessions of these users, revokes their tokens, and voids what a password has opened but not finished: links
-- to reset it, pending second factors, trusted devices. Better Auth keeps these with the user's id for their value.
CREATE OR REPLACE FUNCTION "auth".revocation_void_password(users text[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF users = '{}' THEN
        RETURN;
    END IF;
    PERFORM "auth".revocation_raise(users);
    PERFORM "auth".revocation_end_sessions(users);
    DELETE FROM "auth"."verification" WHERE value = ANY (users);
END $$;

-- account, before the update: who gave the former password for a new one gave the one that is being replaced. The
-- fingerprint comes with the update and is not kept.
CREATE OR REPLACE FUNCTION "auth".revocation_password_changing() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF "auth".revocation_fingerprint(OLD.password) IS DISTINCT FROM NEW."passwordFingerprint" THEN
        RAISE EXCEPTION 'revocation: the password has been changed since it was verified' USING ERRCODE = 'RV001';
    END IF;
    NEW."passwordFingerprint" := NULL;
    RETURN NEW;
END $$;

-- account, after the update.
CREATE OR REPLACE FUNCTION "auth".revocation_password_changed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM "auth".revocation_void_password(ARRAY(
        SELECT o."userId"::text FROM after_update n JOIN before_update o ON o.id = n.id
        WHERE n.password IS DISTINCT FROM o.password
    ));
    RETURN NULL;
END $$;

-- account, after the deletion of one with a password. Users who are deleted themselves need no more.
CREATE OR REPLACE FUNCTION "auth".revocation_password_deleted() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM "auth".revocation_void_password(ARRAY(
        SELECT g."userId"::text FROM gone g JOIN "auth"."user" u ON u.id = g."userId" WHERE g.password IS NOT NULL
    ));
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION "auth".revocation_passwords_truncated() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM "auth".revocation_void_password(ARRAY(
        SELECT a."userId"::text FROM "auth"."account" a WHERE a.password IS NOT NULL
    ));
    RETURN NULL;
END $$;

-- verification, before the insert: what a password opens (a second factor that is pending, a trusted device) must not
-- come after that password's end either. Rows whose value is no user's id are Better Auth's counters and the like.
CREATE OR REPLACE FUNCTION "auth".revocation_verification_opening() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM "auth"."user" u WHERE u.id::text = NEW.value) THEN
        RETURN NEW;
    END IF;
    PERFORM "auth".revocation_take_lock(ARRAY[NEW.value]);
    IF NOT "auth".revocation_password_stands(NEW.value, NEW."passwordFingerprint") THEN
        RAISE EXCEPTION 'revocation: the password has been changed since it was verified' USING ERRCODE = 'RV001';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER revocation_password_changing BEFORE UPDATE ON "auth"."account"
    FOR EACH ROW WHEN (NEW."passwordFingerprint" IS NOT NULL)
    EXECUTE FUNCTION "auth".revocation_password_changing();
CREATE OR REPLACE TRIGGER revocation_password_changed AFTER UPDATE ON "auth"."account"
    REFERENCING OLD TABLE AS before_update NEW TABLE AS after_update
    FOR EACH STATEMENT EXECUTE FUNCTION "auth".revocation_password_changed();
CREATE OR REPLACE TRIGGER revocation_password_deleted AFTER DELETE ON "auth"."account"
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION "auth".revocation_password_deleted();
CREATE OR REPLACE TRIGGER revocation_passwords_truncated BEFORE TRUNCATE ON "auth"."account"
    FOR EACH STATEMENT EXECUTE FUNCTION "auth".revocation_passwords_truncated();
CREATE OR REPLACE TRIGGER revocation_verification_opening BEFORE INSERT ON "auth"."verification"
    FOR EACH ROW WHEN (NEW."passwordFingerprint" IS NOT NULL)
    EXECUTE FUNCTION "auth".revocation_verification_opening();


-- Identifies one unbroken run of transaction ids. It differs after a restore, a fail-over or a crash: each can hand out
-- ids again that a reader believes finished (a crash discards all statistics, which changes stats_reset).
CREATE OR REPLACE FUNCTION "auth".revocation_epoch() RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT md5(concat_ws(
        ',', s.system_identifier, c.timeline_id, pg_postmaster_start_time(), b.stats_reset,
        (SELECT oid FROM pg_database WHERE datname = current_database())
    ))
    FROM pg_control_system() s, pg_control_checkpoint() c, pg_stat_bgwriter b
$$;

-- One page of the feed.
--
-- after is the cursor of the page before, NULL at first. reset: the cursor is not (or no longer) good; this page
-- begins the full set. complete: no page follows; the reader now has all that was committed when the first page of
-- this run was asked for. expected: with reset, roughly how many rows there are. channels: what to LISTEN to.
-- Cursors are opaque: <epoch>/<upto>, and between pages <epoch>/<upto>/<base>/<xid>/<id>.
--
-- A run returns what the snapshot upto sees and base did not. So a transaction that commits late is found, whatever
-- its place in a sequence.
CREATE FUNCTION "auth".revocations_after(
    after text, page integer DEFAULT 4000,
    OUT cursor text, OUT reset boolean, OUT complete boolean, OUT max_token_life integer, OUT expected bigint,
    OUT sids text[], OUT sid_expires bigint[],
    OUT subs text[], OUT sub_min_vers bigint[], OUT sub_expires bigint[],
    OUT channels text[], OUT version integer
) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    epoch text := "auth".revocation_epoch();
    part text[] := string_to_array(after, '/');
    base pg_snapshot;
    upto pg_snapshot := pg_current_snapshot();
    last_xid xid8 := '0';
    last_id bigint := 0;
    until xid8 := '18446744073709551615';
    rows_found bigint;
BEGIN
    reset := part[1] IS DISTINCT FROM epoch OR cardinality(part) NOT IN (2, 5);
    IF NOT reset AND cardinality(part) = 2 THEN
        base := part[2];
        last_xid := pg_snapshot_xmin(base);
    ELSIF NOT reset THEN
        upto := part[2];
        base := nullif(part[3], '');
        last_xid := part[4];
        last_id := part[5];
    END IF;
    IF base IS NOT NULL THEN
        until := pg_snapshot_xmax(upto);
    END IF;
    max_token_life := extract(epoch FROM "auth".revocation_token_life());
    expected := CASE WHEN reset THEN
        (SELECT greatest(reltuples, 0) FROM pg_class WHERE oid = '"auth".revocation'::regclass) ELSE 0 END;
    channels := ARRAY(SELECT c.name FROM "auth".revocation_channel c ORDER BY c.id);
    version := (SELECT i.version FROM "auth".revocation_installation i);

    -- The aggregates keep the order of r: their last elements are the place to go on from.
    SELECT
        count(*),
        coalesce(array_agg(r.sid) FILTER (WHERE r.sid IS NOT NULL), '{}'),
        coalesce(array_agg(r.expires) FILTER (WHERE r.sid IS NOT NULL), '{}'),
        coalesce(array_agg(r.sub) FILTER (WHERE r.sub IS NOT NULL), '{}'),
        coalesce(array_agg(r.min_ver) FILTER (WHERE r.sub IS NOT NULL), '{}'),
        coalesce(array_agg(r.expires) FILTER (WHERE r.sub IS NOT NULL), '{}'),
        coalesce((array_agg(r.xid))[count(*)], last_xid),
        coalesce((array_agg(r.id))[count(*)], last_id)
    INTO rows_found, sids, sid_expires, subs, sub_min_vers, sub_expires, last_xid, last_id
    FROM (
        SELECT v.xid, v.id, v.sid, v.sub, v.min_ver, ceil(extract(epoch FROM v.expires_at))::bigint AS expires
        FROM "auth".revocation v
        WHERE (v.xid, v.id) > (last_xid, last_id)
            AND v.xid < until
            AND v.expires_at > now()
            AND (base IS NULL OR (pg_visible_in_snapshot(v.xid, upto) AND NOT pg_visible_in_snapshot(v.xid, base)))
        ORDER BY v.xid, v.id
        LIMIT page
    ) r;

    complete := rows_found < page;
    cursor := concat_ws('/', epoch, upto);
    IF NOT complete THEN
        cursor := concat_ws('/', cursor, coalesce(base::text, ''), last_xid, last_id);
    END IF;
END $$;

-- What this database is known by: the newest name first, and those of the minutes before.
CREATE OR REPLACE FUNCTION "auth".revocation_origins() RETURNS text[]
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT ARRAY(SELECT nonce FROM "auth".revocation_origin ORDER BY id DESC LIMIT 4)
$$;

-- A new name every minute. Readers renew it and the identity provider does, so that neither a copy nor its original keeps
-- the names that both have.
CREATE OR REPLACE FUNCTION "auth".revocation_renew_origin() RETURNS text[]
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT max(created_at) FROM "auth".revocation_origin) <= now() - interval '1 minute'
        AND pg_try_advisory_xact_lock(hashtext('revocation origin'))
    THEN
        INSERT INTO "auth".revocation_origin (nonce)
            SELECT replace(gen_random_uuid()::text, '-', '')
            WHERE (SELECT max(created_at) FROM "auth".revocation_origin) <= now() - interval '1 minute';
        DELETE FROM "auth".revocation_origin WHERE id NOT IN (
            SELECT id FROM "auth".revocation_origin ORDER BY id DESC LIMIT 4
        );
    END IF;
    RETURN "auth".revocation_origins();
END $$;

-- A new channel every hour. The younger of the two has been known to the readers for as long, and is in use from now on.
CREATE OR REPLACE FUNCTION "auth".revocation_renew_channels() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    oldest bigint;
BEGIN
    IF (SELECT max(created_at) FROM "auth".revocation_channel) > now() - interval '1 hour' THEN
        RETURN;
    END IF;
    SELECT id INTO oldest FROM "auth".revocation_channel ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF (SELECT max(created_at) FROM "auth".revocation_channel) > now() - interval '1 hour' THEN
        RETURN;
    END IF;
    DELETE FROM "auth".revocation_channel WHERE id = oldest;
    IF FOUND THEN
        INSERT INTO "auth".revocation_channel DEFAULT VALUES;
    END IF;
END $$;


-- When a reader last spoke. While the database was down none could: those of before count as heard of at its start.
CREATE OR REPLACE FUNCTION "auth".revocation_last_heard(seen_at timestamptz, of_this_epoch boolean)
    RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN of_this_epoch THEN seen_at ELSE greatest(seen_at, pg_postmaster_start_time()) END
$$;

-- A reader's word that all up to the cursor is in force with it. One between pages, or of another epoch, says nothing.
-- A reader can speak for those of its own credential only, of whom there can be 500.
-- Only a reader's first word waits for the disk: one that a crash swallows makes it seem further behind than it is.
CREATE OR REPLACE FUNCTION "auth".revocation_acknowledge(of_credential text, listener uuid, cursor text)
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    part text[] := string_to_array(cursor, '/');
    present text := "auth".revocation_epoch();
BEGIN
    IF cardinality(part) <> 2 OR part[1] <> present THEN
        RETURN;
    END IF;
    IF EXISTS (SELECT FROM "auth".revocation_listener WHERE credential = of_credential AND id = listener) THEN
        PERFORM set_config('synchronous_commit', 'off', true);
    ELSIF (SELECT count(*) FROM "auth".revocation_listener WHERE credential = of_credential) >= 500 THEN
        RETURN;
    END IF;
    INSERT INTO "auth".revocation_listener AS known (credential, id, epoch, upto)
        VALUES (of_credential, listener, present, part[2]::pg_snapshot)
        ON CONFLICT (credential, id) DO UPDATE
            SET epoch = present, upto = excluded.upto, seen_at = excluded.seen_at;
    DELETE FROM "auth".revocation_listener WHERE (credential, id) IN (
        SELECT credential, id FROM "auth".revocation_listener
        WHERE "auth".revocation_last_heard(seen_at, epoch = present) < now() - interval '1 minute'
        FOR UPDATE SKIP LOCKED
    );
    PERFORM "auth".revocation_renew_channels();
    PERFORM "auth".revocation_renew_origin();
END $$;

-- For readers with a connection of their own: their database role is the credential.
CREATE OR REPLACE FUNCTION "auth".acknowledge_revocations(listener uuid, cursor text) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT "auth".revocation_acknowledge('role ' || session_user, listener, cursor)
$$;

-- How long an answer may wait for a listener. One that is new has half a second, until it has followed for five. After
-- three vain waits in a minute a credential's listeners have 50 ms, which is ten times what they need.
CREATE OR REPLACE FUNCTION "auth".revocation_patience(since timestamptz, delays integer) RETURNS interval
    LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN delays >= 3 THEN interval '50 milliseconds'
        WHEN since > clock_timestamp() - interval '5 seconds' THEN interval '500 milliseconds'
        ELSE interval '1 day'
    END
$$;

-- Returns true as soon as all that was committed before the call is in force with every reader, false when patience is
-- over; whoever has not followed by then is not waited for again before it speaks. A reader that was not heard of for
-- 10 s (it speaks every 5 s) is gone. For use after COMMIT, in a transaction of its own at the level read committed.
CREATE OR REPLACE FUNCTION "auth".await_revocations(patience interval DEFAULT '2 seconds') RETURNS boolean
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    present text := "auth".revocation_epoch();
    target pg_snapshot := pg_current_snapshot();
    started timestamptz := clock_timestamp();
    late "auth".revocation_listener[] := '{}';
    behind "auth".revocation_listener[];
BEGIN
    LOOP
        -- ORDER BY and LIMIT keep to the index, however many rows there are.
        behind := ARRAY(
            SELECT l FROM "auth".revocation_listener l LEFT JOIN LATERAL (
                SELECT true AS found FROM "auth".revocation v
                WHERE v.xid >= pg_snapshot_xmin(l.upto)
                    AND pg_visible_in_snapshot(v.xid, target) AND NOT pg_visible_in_snapshot(v.xid, l.upto)
                ORDER BY v.xid, v.id LIMIT 1
            ) unseen ON l.epoch = present
            WHERE (l.epoch <> present OR unseen.found)
                AND "auth".revocation_last_heard(l.seen_at, l.epoch = present)
                    > clock_timestamp() - interval '10 seconds'
                AND NOT EXISTS (SELECT FROM unnest(late) x WHERE (x.credential, x.id) = (l.credential, l.id))
        );
        EXIT WHEN cardinality(behind) = 0;
        late := late || ARRAY(
            SELECT l::"auth".revocation_listener FROM unnest(behind) l LEFT JOIN "auth".revocation_delay d
                ON d.credential = l.credential AND d.since > now() - interval '1 minute'
            WHERE clock_timestamp() >= started
                + least(patience, "auth".revocation_patience(l.since, coalesce(d.delays, 0)))
        );
        PERFORM pg_sleep(0.001);
    END LOOP;
    PERFORM "auth".revocation_give_up(late);
    RETURN cardinality(late) = 0;
END $$;

-- Forgets these listeners, and remembers whose they were.
CREATE OR REPLACE FUNCTION "auth".revocation_give_up(late "auth".revocation_listener[]) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF cardinality(late) = 0 THEN
        RETURN;
    END IF;
    DELETE FROM "auth".revocation_listener
        WHERE (credential, id) IN (SELECT l.credential, l.id FROM unnest(late) l);
    INSERT INTO "auth".revocation_delay AS known (credential, delays, since)
        SELECT DISTINCT l.credential, 1, now() FROM unnest(late) l ORDER BY l.credential
        ON CONFLICT (credential) DO UPDATE SET
            delays = CASE WHEN known.since > now() - interval '1 minute' THEN known.delays + 1 ELSE 1 END,
            since = CASE WHEN known.since > now() - interval '1 minute' THEN known.since ELSE now() END;
END $$;


-- Our functions and triggers as they are, each with a digest of its definition, its state and who may execute it.
CREATE OR REPLACE FUNCTION "auth".revocation_objects() RETURNS TABLE (name text, digest text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT c.relname || '.' || t.tgname,
        md5(concat_ws('/', pg_get_triggerdef(t.oid), t.tgenabled))
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE t.tgrelid IN (to_regclass('"auth"."user"'), to_regclass('"auth"."session"'), to_regclass('"auth"."account"'), to_regclass('"auth"."verification"'), to_regclass('"auth".revocation'), to_regclass('"auth".revocation_version')) AND t.tgname LIKE 'revocation\_%'
    UNION ALL
    SELECT p.proname || '()',
        md5(concat_ws('/', p.prosrc, p.prosecdef, p.proconfig::text, p.proowner, has_function_privilege('public', p.oid, 'EXECUTE')))
    FROM pg_proc p WHERE p.oid IN (SELECT o FROM "auth".revocation_functions() o)
$$;

-- What was installed and is absent, disabled or altered, as 'table.trigger' and 'function()'. None: all is well.
CREATE OR REPLACE FUNCTION "auth".missing_revocation_triggers() RETURNS SETOF text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT installed.name FROM "auth".revocation_object installed
    LEFT JOIN "auth".revocation_objects() present USING (name)
    WHERE present.digest IS DISTINCT FROM installed.digest
    ORDER BY installed.name
$$;


DO $withdraw$
DECLARE
    one regprocedure;
    relation regclass;
BEGIN
    FOR one IN SELECT o::regprocedure FROM "auth".revocation_functions() o LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', one);
    END LOOP;
    FOR relation IN SELECT c.oid::regclass FROM pg_class c
        WHERE c.relnamespace = '"auth"'::regnamespace AND c.relkind IN ('r', 'S')
            AND c.relname LIKE 'revocation%'
    LOOP
        EXECUTE format('REVOKE ALL ON %s FROM PUBLIC', relation);
    END LOOP;
END $withdraw$;


INSERT INTO "auth".revocation_installation AS present (version, digest, max_token_life)
    VALUES (2, '0c9dae2bc439eb41b17521ae25d35cd7', make_interval(secs => 2678400) + "auth".revocation_margin())
    ON CONFLICT (singleton) DO UPDATE SET version = excluded.version, digest = excluded.digest, applied_at = now(),
        max_token_life = greatest(present.max_token_life, excluded.max_token_life);


DO $upgrade$
DECLARE
    kept interval;
BEGIN
    IF to_regprocedure('"auth".max_token_life()') IS NOT NULL THEN
        EXECUTE 'SELECT "auth".max_token_life()' INTO kept;
        UPDATE "auth".revocation_installation SET max_token_life = greatest(max_token_life, kept);
    END IF;
END $upgrade$;


DROP TRIGGER IF EXISTS revocation_user_changing ON "auth"."user";
DROP FUNCTION IF EXISTS "auth".session_deleted();
DROP FUNCTION IF EXISTS "auth".session_shortened();
DROP FUNCTION IF EXISTS "auth".session_truncated();
DROP FUNCTION IF EXISTS "auth".user_changing();
DROP FUNCTION IF EXISTS "auth".user_changed();
DROP FUNCTION IF EXISTS "auth".user_deleted();
DROP FUNCTION IF EXISTS "auth".user_truncated();
DROP FUNCTION IF EXISTS "auth".password_changed();
DROP FUNCTION IF EXISTS "auth".last_heard(timestamptz, boolean);
DROP FUNCTION IF EXISTS "auth".max_token_life();
DROP FUNCTION IF EXISTS "auth".token_margin();


DELETE FROM "auth".revocation_object;
INSERT INTO "auth".revocation_object SELECT name, digest FROM "auth".revocation_objects();


DO $grants$
DECLARE
    one regprocedure;
    relation regclass;
BEGIN
    FOR one IN SELECT o::regprocedure FROM "auth".revocation_functions() o LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM %I', one, 'api');
    END LOOP;
    FOR relation IN SELECT c.oid::regclass FROM pg_class c
        WHERE c.relnamespace = '"auth"'::regnamespace AND c.relkind IN ('r', 'S')
            AND c.relname LIKE 'revocation%'
    LOOP
        EXECUTE format('REVOKE ALL ON %s FROM %I', relation, 'api');
    END LOOP;
END $grants$;
GRANT USAGE ON SCHEMA "auth" TO "api";
GRANT SELECT ON "auth".revocation TO "api";
GRANT EXECUTE ON FUNCTION "auth".revocations_after(text, integer),
    "auth".acknowledge_revocations(uuid, text), "auth".missing_revocation_triggers(),
    "auth".revocation_origins() TO "api";

