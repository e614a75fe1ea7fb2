-- A database as the first release left it: Better Auth's tables, the revocation feed, what role api may. Never edited.
-- Schema `auth` as the identity provider's migrator leaves it, for tests that run without the identity provider.
CREATE SCHEMA auth;

CREATE TABLE auth."user" (
    "id" text PRIMARY KEY,
    "name" text NOT NULL,
    "email" text NOT NULL UNIQUE,
    "emailVerified" boolean NOT NULL,
    "image" text,
    "createdAt" timestamptz DEFAULT CURRENT_TIMESTAMP NOT NULL,
    "updatedAt" timestamptz DEFAULT CURRENT_TIMESTAMP NOT NULL,
    "role" text,
    "banned" boolean,
    "banReason" text,
    "banExpires" timestamptz,
    "tokenVersion" integer
);

CREATE TABLE auth."session" (
    "id" text PRIMARY KEY,
    "expiresAt" timestamptz NOT NULL,
    "token" text NOT NULL UNIQUE,
    "createdAt" timestamptz DEFAULT CURRENT_TIMESTAMP NOT NULL,
    "updatedAt" timestamptz NOT NULL,
    "ipAddress" text,
    "userAgent" text,
    "userId" text NOT NULL REFERENCES auth."user" ("id") ON DELETE CASCADE,
    "impersonatedBy" text
);

CREATE TABLE auth."account" (
    "id" text PRIMARY KEY,
    "accountId" text NOT NULL,
    "providerId" text NOT NULL,
    "userId" text NOT NULL REFERENCES auth."user" ("id") ON DELETE CASCADE,
    "accessToken" text,
    "refreshToken" text,
    "idToken" text,
    "accessTokenExpiresAt" timestamptz,
    "refreshTokenExpiresAt" timestamptz,
    "scope" text,
    "password" text,
    "createdAt" timestamptz DEFAULT CURRENT_TIMESTAMP NOT NULL,
    "updatedAt" timestamptz NOT NULL
);

CREATE TABLE auth."verification" (
    "id" text PRIMARY KEY,
    "identifier" text NOT NULL,
    "value" text NOT NULL,
    "expiresAt" timestamptz NOT NULL,
    "createdAt" timestamptz DEFAULT CURRENT_TIMESTAMP NOT NULL,
    "updatedAt" timestamptz DEFAULT CURRENT_TIMESTAMP NOT NULL
);

CREATE TABLE auth."jwks" (
    "id" text PRIMARY KEY,
    "publicKey" text NOT NULL,
    "privateKey" text NOT NULL,
    "createdAt" timestamptz NOT NULL,
    "expiresAt" timestamptz
);

CREATE TABLE auth."rateLimit" (
    "id" text PRIMARY KEY,
    "key" text NOT NULL UNIQUE,
    "count" integer NOT NULL,
    "lastRequest" bigint NOT NULL
);

-- The revocation feed: which access tokens are dead before their `exp`.
--
-- Triggers write auth.revocation in the transaction that ends a session or changes what a user may do, whoever runs it.
-- Readers follow it with auth.revocations_after(cursor). Safe to run again: it repairs what is missing.

CREATE TABLE IF NOT EXISTS auth.revocation (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    sid text,
    sub text,
    min_ver integer,
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT revocation_kind CHECK (
        (sid IS NOT NULL AND sub IS NULL AND min_ver IS NULL)
        OR (sid IS NULL AND sub IS NOT NULL AND min_ver IS NOT NULL)
    ),
    CONSTRAINT revocation_finite CHECK (expires_at BETWEEN '2000-01-01' AND '2100-01-01')
);
COMMENT ON TABLE auth.revocation IS
    'A token is revoked when its sid is here, or when its ver is below min_ver for its sub.';
CREATE INDEX IF NOT EXISTS revocation_feed ON auth.revocation (xid, id);
CREATE INDEX IF NOT EXISTS revocation_expiry ON auth.revocation (expires_at);

-- How long a row must be kept: the longest token life, and a margin for leeway and clock differences. What `make migrate`
-- has made longer stays so.
CREATE OR REPLACE FUNCTION auth.token_margin() RETURNS interval
    LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN interval '1 hour';
DO $$ BEGIN
    IF to_regprocedure('auth.max_token_life()') IS NULL THEN
        CREATE FUNCTION auth.max_token_life() RETURNS interval
            LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN interval '31 days' + auth.token_margin();
    END IF;
END $$;

-- auth.revocation: tell the readers, and drop a batch of rows that no token can need any more. What few rows say fits
-- into the notification, so that it counts at once; its session and user ids open nothing. Readers still ask, for proof.
-- A stricter isolation level could fail the caller's transaction over the clean-up, so that one leaves it to the next.
CREATE OR REPLACE FUNCTION auth.revocation_added() RETURNS trigger
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
    PERFORM pg_notify('revocation', CASE WHEN octet_length(news) < 8000 THEN news ELSE '' END);
    IF current_setting('transaction_isolation') = 'read committed' THEN
        DELETE FROM auth.revocation WHERE id IN (
            SELECT id FROM auth.revocation WHERE expires_at < now()
            ORDER BY expires_at LIMIT 100 FOR UPDATE SKIP LOCKED
        );
    END IF;
    RETURN NULL;
END $$;

-- auth.session: a live session is deleted. An expired one has no live token: none outlives its session.
CREATE OR REPLACE FUNCTION auth.session_deleted() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO auth.revocation (sid, expires_at)
    SELECT id, least("expiresAt" + auth.token_margin(), now() + auth.max_token_life())
    FROM gone WHERE "expiresAt" + auth.token_margin() > now();
    RETURN NULL;
END $$;

-- auth.session: "expiresAt" is brought forward. Into the past: the session has ended. Otherwise the tokens that would
-- outlive it die through the user's version; those minted from now on end with it.
CREATE OR REPLACE FUNCTION auth.session_shortened() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW."expiresAt" <= now() THEN
        INSERT INTO auth.revocation (sid, expires_at)
        VALUES (OLD.id, least(OLD."expiresAt" + auth.token_margin(), now() + auth.max_token_life()));
    ELSE
        UPDATE auth."user" SET "tokenVersion" = coalesce("tokenVersion", 0) + 1 WHERE id = OLD."userId";
    END IF;
    RETURN NULL;
END $$;

-- auth.session: TRUNCATE gives no rows to look at afterwards.
CREATE OR REPLACE FUNCTION auth.session_truncated() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO auth.revocation (sid, expires_at)
    SELECT id, least("expiresAt" + auth.token_margin(), now() + auth.max_token_life())
    FROM auth.session WHERE "expiresAt" + auth.token_margin() > now();
    RETURN NULL;
END $$;

-- auth."user", before the update: a change of rights raises the version, and nothing lowers it.
CREATE OR REPLACE FUNCTION auth.user_changing() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW."tokenVersion" := greatest(
        NEW."tokenVersion",
        OLD."tokenVersion",
        CASE WHEN (NEW.role, NEW.banned) IS DISTINCT FROM (OLD.role, OLD.banned)
            THEN coalesce(OLD."tokenVersion", 0) + 1 END
    );
    RETURN NEW;
END $$;

-- auth."user", after the update: each raised version revokes the lower ones.
CREATE OR REPLACE FUNCTION auth.user_changed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO auth.revocation (sub, min_ver, expires_at)
    SELECT n.id, n."tokenVersion", now() + auth.max_token_life()
    FROM after_update n JOIN before_update o ON o.id = n.id
    WHERE n."tokenVersion" > coalesce(o."tokenVersion", 0);
    RETURN NULL;
END $$;

-- auth."user": a deleted user has no valid version at all.
CREATE OR REPLACE FUNCTION auth.user_deleted() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO auth.revocation (sub, min_ver, expires_at)
    SELECT id, 2147483647, now() + auth.max_token_life() FROM gone;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION auth.user_truncated() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO auth.revocation (sub, min_ver, expires_at)
    SELECT id, 2147483647, now() + auth.max_token_life() FROM auth."user";
    RETURN NULL;
END $$;

-- auth.account: a changed password ends every token that was had with the old one.
CREATE OR REPLACE FUNCTION auth.password_changed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE auth."user" SET "tokenVersion" = coalesce("tokenVersion", 0) + 1 WHERE id IN (
        SELECT o."userId" FROM after_update n JOIN before_update o ON o.id = n.id
        WHERE n.password IS DISTINCT FROM o.password
    );
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER revocation_added AFTER INSERT ON auth.revocation
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION auth.revocation_added();
CREATE OR REPLACE TRIGGER revocation_session_deleted AFTER DELETE ON auth.session
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION auth.session_deleted();
CREATE OR REPLACE TRIGGER revocation_session_shortened AFTER UPDATE OF "expiresAt" ON auth.session
    FOR EACH ROW WHEN (NEW."expiresAt" < OLD."expiresAt") EXECUTE FUNCTION auth.session_shortened();
CREATE OR REPLACE TRIGGER revocation_session_truncated BEFORE TRUNCATE ON auth.session
    FOR EACH STATEMENT EXECUTE FUNCTION auth.session_truncated();
CREATE OR REPLACE TRIGGER revocation_user_changing BEFORE UPDATE ON auth."user"
    FOR EACH ROW WHEN (
        (NEW.role, NEW.banned) IS DISTINCT FROM (OLD.role, OLD.banned)
        OR coalesce(NEW."tokenVersion", -1) < OLD."tokenVersion"
    ) EXECUTE FUNCTION auth.user_changing();
CREATE OR REPLACE TRIGGER revocation_user_changed AFTER UPDATE ON auth."user"
    REFERENCING OLD TABLE AS before_update NEW TABLE AS after_update
    FOR EACH STATEMENT EXECUTE FUNCTION auth.user_changed();
CREATE OR REPLACE TRIGGER revocation_user_deleted AFTER DELETE ON auth."user"
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION auth.user_deleted();
CREATE OR REPLACE TRIGGER revocation_user_truncated BEFORE TRUNCATE ON auth."user"
    FOR EACH STATEMENT EXECUTE FUNCTION auth.user_truncated();
CREATE OR REPLACE TRIGGER revocation_password_changed AFTER UPDATE ON auth.account
    REFERENCING OLD TABLE AS before_update NEW TABLE AS after_update
    FOR EACH STATEMENT EXECUTE FUNCTION auth.password_changed();

-- The triggers above that are absent, disabled or bound to another function, as 'table.trigger'. None: all is well.
CREATE OR REPLACE FUNCTION auth.missing_revocation_triggers() RETURNS SETOF text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT wanted.relation || '.' || wanted.trigger
    FROM (VALUES
        ('revocation', 'revocation_added', 'revocation_added'),
        ('session', 'revocation_session_deleted', 'session_deleted'),
        ('session', 'revocation_session_shortened', 'session_shortened'),
        ('session', 'revocation_session_truncated', 'session_truncated'),
        ('user', 'revocation_user_changing', 'user_changing'),
        ('user', 'revocation_user_changed', 'user_changed'),
        ('user', 'revocation_user_deleted', 'user_deleted'),
        ('user', 'revocation_user_truncated', 'user_truncated'),
        ('account', 'revocation_password_changed', 'password_changed')
    ) AS wanted (relation, trigger, function)
    WHERE NOT EXISTS (
        SELECT FROM pg_trigger t
        WHERE t.tgname = wanted.trigger
            AND t.tgrelid = to_regclass(format('auth.%I', wanted.relation))
            AND t.tgfoid = to_regproc(format('auth.%I', wanted.function))
            AND t.tgenabled IN ('O', 'A')
    )
$$;

-- Identifies one unbroken run of transaction ids. It differs after a restore, a fail-over or a crash: each can hand out
-- ids again that a reader believes finished (a crash discards all statistics, which changes stats_reset).
CREATE OR REPLACE FUNCTION auth.revocation_epoch() RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT md5(concat_ws(
        ',', s.system_identifier, c.timeline_id, pg_postmaster_start_time(), b.stats_reset,
        (SELECT oid FROM pg_database WHERE datname = current_database())
    ))
    FROM pg_control_system() s, pg_control_checkpoint() c, pg_stat_bgwriter b
$$;

-- One page of the feed.
--
-- `after` is the cursor of the page before, NULL at first. `reset`: the cursor is not (or no longer) good; this page
-- begins the full set. `complete`: no page follows; the reader now has all that was committed when the first page of
-- this run was asked for. `expected`: with reset, roughly how many rows there are. Cursors are opaque: <epoch>/<upto>,
-- and between pages <epoch>/<upto>/<base>/<xid>/<id>.
--
-- A run returns what the snapshot `upto` sees and `base` did not. So a transaction that commits late is found, whatever
-- its place in a sequence.
CREATE OR REPLACE FUNCTION auth.revocations_after(
    after text, page integer DEFAULT 4000,
    OUT cursor text, OUT reset boolean, OUT complete boolean, OUT max_token_life integer, OUT expected bigint,
    OUT sids text[], OUT sid_expires bigint[],
    OUT subs text[], OUT sub_min_vers integer[], OUT sub_expires bigint[]
) LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    epoch text := auth.revocation_epoch();
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
    max_token_life := extract(epoch FROM auth.max_token_life());
    expected := CASE WHEN reset THEN
        (SELECT greatest(reltuples, 0) FROM pg_class WHERE oid = 'auth.revocation'::regclass) ELSE 0 END;

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
        FROM auth.revocation v
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

-- Who follows the feed, and up to where it is in force there.
CREATE TABLE IF NOT EXISTS auth.revocation_listener (
    id uuid PRIMARY KEY,
    epoch text NOT NULL,
    upto pg_snapshot NOT NULL,
    seen_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- When a reader last spoke. While the database was down none could: those of before count as heard of at its start.
CREATE OR REPLACE FUNCTION auth.last_heard(seen_at timestamptz, of_this_epoch boolean) RETURNS timestamptz
    LANGUAGE sql STABLE RETURN
    CASE WHEN of_this_epoch THEN seen_at ELSE greatest(seen_at, pg_postmaster_start_time()) END;

-- A reader's word that all up to the cursor is in force with it. One between pages, or of another epoch, says nothing.
-- Only a reader's first word waits for the disk: one that a crash swallows makes it seem further behind than it is.
CREATE OR REPLACE FUNCTION auth.acknowledge_revocations(listener uuid, cursor text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    part text[] := string_to_array(cursor, '/');
    present text := auth.revocation_epoch();
BEGIN
    IF cardinality(part) <> 2 OR part[1] <> present THEN
        RETURN;
    END IF;
    IF EXISTS (SELECT FROM auth.revocation_listener WHERE id = listener) THEN
        PERFORM set_config('synchronous_commit', 'off', true);
    END IF;
    INSERT INTO auth.revocation_listener (id, epoch, upto) VALUES (listener, present, part[2]::pg_snapshot)
        ON CONFLICT (id) DO UPDATE SET epoch = present, upto = excluded.upto, seen_at = excluded.seen_at;
    DELETE FROM auth.revocation_listener WHERE id IN (
        SELECT id FROM auth.revocation_listener
        WHERE auth.last_heard(seen_at, epoch = present) < now() - interval '1 minute' FOR UPDATE SKIP LOCKED
    );
END $$;
REVOKE ALL ON FUNCTION auth.acknowledge_revocations(uuid, text) FROM PUBLIC;

-- Returns true as soon as all that was committed before the call is in force with every reader, false when `patience` is
-- over; whoever has not followed by then is not waited for again before it speaks. A reader that was not heard of for 10 s
-- (it speaks every 5 s) is gone. For use after COMMIT, in a transaction of its own at the level read committed.
CREATE OR REPLACE FUNCTION auth.await_revocations(patience interval DEFAULT '2 seconds') RETURNS boolean
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    present text := auth.revocation_epoch();
    target pg_snapshot := pg_current_snapshot();
    give_up timestamptz := clock_timestamp() + patience;
    behind uuid[];
BEGIN
    LOOP
        -- ORDER BY and LIMIT keep to the index, however many rows there are.
        behind := ARRAY(
            SELECT l.id FROM auth.revocation_listener l LEFT JOIN LATERAL (
                SELECT true AS found FROM auth.revocation v
                WHERE v.xid >= pg_snapshot_xmin(l.upto)
                    AND pg_visible_in_snapshot(v.xid, target) AND NOT pg_visible_in_snapshot(v.xid, l.upto)
                ORDER BY v.xid, v.id LIMIT 1
            ) unseen ON l.epoch = present
            WHERE (l.epoch <> present OR unseen.found)
                AND auth.last_heard(l.seen_at, l.epoch = present) > clock_timestamp() - interval '10 seconds'
        );
        IF behind = '{}' THEN
            RETURN true;
        ELSIF clock_timestamp() > give_up THEN
            DELETE FROM auth.revocation_listener WHERE id = ANY (behind);
            RETURN false;
        END IF;
        PERFORM pg_sleep(0.001);
    END LOOP;
END $$;
REVOKE ALL ON FUNCTION auth.await_revocations(interval) FROM PUBLIC;

-- For the operator: kills every access token issued before now. Sessions live on. Returns the number of users.
CREATE OR REPLACE FUNCTION auth.revoke_all() RETURNS bigint
    LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    WITH raised AS (
        UPDATE auth."user" SET "tokenVersion" = coalesce("tokenVersion", 0) + 1 RETURNING 1
    )
    SELECT count(*) FROM raised
$$;
REVOKE ALL ON FUNCTION auth.revoke_all() FROM PUBLIC;

GRANT USAGE ON SCHEMA auth TO api;
GRANT SELECT ON auth.revocation TO api;
GRANT EXECUTE ON FUNCTION auth.acknowledge_revocations(uuid, text) TO api;
