-- The revocation feed as its version 4 installed it, on the tables of shared_fixtures/auth_schema.sql. Never edited.
SET LOCAL lock_timeout = '10s';

SET LOCAL search_path = pg_catalog;

SELECT pg_advisory_xact_lock(hashtext('revocation installation'));

DO $upgrade$ BEGIN
    -- Written anew within seconds by everyone who follows.
    IF to_regclass('"auth".revocation_listener') IS NOT NULL AND NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('"auth".revocation_listener') AND attname = 'credential'
        AND NOT attisdropped) THEN
        DROP TABLE "auth".revocation_listener;
    END IF;
    IF EXISTS (
        SELECT FROM pg_attribute
        WHERE attrelid = to_regclass('"auth".revocation') AND attname = 'min_ver' AND atttypid = 'integer'::regtype
    ) THEN
        ALTER TABLE "auth".revocation ALTER COLUMN min_ver TYPE bigint;
    END IF;
    IF to_regclass('"auth".revocation') IS NOT NULL AND NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('"auth".revocation') AND attname = 'jti'
        AND NOT attisdropped) THEN
        ALTER TABLE "auth".revocation
            ADD COLUMN jti text, ADD COLUMN effective_at timestamptz, ADD COLUMN client_id text, ADD COLUMN iss text,
            ADD COLUMN issued_before bigint,
            DROP CONSTRAINT IF EXISTS revocation_kind, ADD CONSTRAINT revocation_kind CHECK (
        num_nonnulls(sid, sub, jti, client_id, iss) = 1
        AND num_nonnulls(min_ver, issued_before) = num_nonnulls(sub, iss)
        AND (min_ver IS NULL OR sub IS NOT NULL)
        AND (effective_at IS NULL OR jti IS NOT NULL AND effective_at BETWEEN '2000-01-01' AND '2100-01-01')
        AND issued_before BETWEEN 0 AND 4294967295
        AND octet_length(coalesce(jti, client_id, iss)) <= 400
    );
    END IF;
    IF to_regclass('"auth".revocation_installation') IS NOT NULL AND NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('"auth".revocation_installation') AND attname = 'made_schema'
        AND NOT attisdropped) THEN
        ALTER TABLE "auth".revocation_installation
            ADD COLUMN made_schema boolean NOT NULL DEFAULT false, DROP COLUMN IF EXISTS digest;
        ALTER TABLE "auth".revocation_installation ALTER COLUMN made_schema DROP DEFAULT;
    END IF;
    -- Written anew at the end.
    IF to_regclass('"auth".revocation_object') IS NOT NULL AND NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('"auth".revocation_object') AND attname = 'trigger_name'
        AND NOT attisdropped) THEN
        DROP TABLE "auth".revocation_object;
    END IF;
    -- It had fewer columns at first, which can't be replaced.
    IF (SELECT cardinality(proallargtypes) FROM pg_proc
        WHERE oid = to_regprocedure('"auth".revocations_after(text, integer)')) <> 14
    THEN
        DROP FUNCTION "auth".revocations_after(text, integer);
    END IF;
    -- Token versions were a column of the user's, which is read here for the last time. Before the triggers of the table:
    -- these are not raised versions.
    IF to_regprocedure('"auth".max_token_life()') IS NOT NULL
        AND to_regprocedure('"auth".token_margin()') IS NOT NULL AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('"auth"."user"') AND attname = 'tokenVersion'
        AND NOT attisdropped)
        AND to_regclass('"auth".revocation_version') IS NULL
    THEN
        CREATE TABLE "auth".revocation_version (
            user_id text PRIMARY KEY,
            version bigint NOT NULL CHECK (version BETWEEN 0 AND 9007199254740991)
        );
        INSERT INTO "auth".revocation_version (user_id, version)
            SELECT "id"::text, "tokenVersion" FROM "auth"."user" WHERE "tokenVersion" > 0;
    END IF;
END $upgrade$;

CREATE TABLE IF NOT EXISTS "auth".revocation (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    sid text,
    sub text,
    min_ver bigint,
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    jti text,
    effective_at timestamptz,
    client_id text,
    iss text,
    issued_before bigint,
    CONSTRAINT revocation_kind CHECK (
        num_nonnulls(sid, sub, jti, client_id, iss) = 1
        AND num_nonnulls(min_ver, issued_before) = num_nonnulls(sub, iss)
        AND (min_ver IS NULL OR sub IS NOT NULL)
        AND (effective_at IS NULL OR jti IS NOT NULL AND effective_at BETWEEN '2000-01-01' AND '2100-01-01')
        AND issued_before BETWEEN 0 AND 4294967295
        AND octet_length(coalesce(jti, client_id, iss)) <= 400
    ),
    CONSTRAINT revocation_finite CHECK (expires_at BETWEEN '2000-01-01' AND '2100-01-01')
);
COMMENT ON TABLE "auth".revocation IS
    'A token is revoked when its sid, jti (from effective_at on) or client_id is here, when its ver is below min_ver for its sub, or when its iat, in epoch seconds, is below issued_before for its sub or iss.';

CREATE INDEX IF NOT EXISTS revocation_feed ON "auth".revocation (xid, id);

CREATE INDEX IF NOT EXISTS revocation_others ON "auth".revocation (coalesce(jti, client_id, sub, iss))
    WHERE sid IS NULL AND min_ver IS NULL;

CREATE INDEX IF NOT EXISTS revocation_issued ON "auth".revocation (coalesce(sub, ''), issued_before)
    WHERE issued_before IS NOT NULL;

CREATE INDEX IF NOT EXISTS revocation_expiry ON "auth".revocation (expires_at);

CREATE TABLE IF NOT EXISTS "auth".revocation_installation (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    version integer NOT NULL,
    max_token_life interval NOT NULL,
    made_schema boolean NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS "auth".revocation_object (
    identity text PRIMARY KEY,
    place integer NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    relation text NOT NULL,
    trigger_name text NOT NULL,
    source text NOT NULL,
    definition text NOT NULL
);
COMMENT ON TABLE "auth".revocation_object IS
    'The objects as they were installed: a digest of the statement that made each, and of what the catalog said then.';

CREATE TABLE IF NOT EXISTS "auth".revocation_version (
    user_id text PRIMARY KEY,
    version bigint NOT NULL CHECK (version BETWEEN 0 AND 9007199254740991)
);

CREATE TABLE IF NOT EXISTS "auth".revocation_lock (
    user_id text PRIMARY KEY,
    taken bigint NOT NULL DEFAULT 1
) WITH (fillfactor = 70);

CREATE TABLE IF NOT EXISTS "auth".revocation_renewal (
    jti text PRIMARY KEY,
    sid text NOT NULL,
    successor text NOT NULL,
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);

CREATE INDEX IF NOT EXISTS revocation_renewal_session ON "auth".revocation_renewal (sid, issued_at);

CREATE INDEX IF NOT EXISTS revocation_renewal_expiry ON "auth".revocation_renewal (expires_at);

CREATE TABLE IF NOT EXISTS "auth".revocation_channel (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL DEFAULT 'revocation_' || replace(gen_random_uuid()::text, '-', ''),
    created_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO "auth".revocation_channel SELECT FROM generate_series(1, 2)
    WHERE NOT EXISTS (SELECT FROM "auth".revocation_channel);

CREATE TABLE IF NOT EXISTS "auth".revocation_origin (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    nonce text NOT NULL DEFAULT replace(gen_random_uuid()::text, '-', ''),
    created_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO "auth".revocation_origin SELECT WHERE NOT EXISTS (SELECT FROM "auth".revocation_origin);

CREATE TABLE IF NOT EXISTS "auth".revocation_listener (
    credential text NOT NULL,
    id uuid NOT NULL,
    epoch text NOT NULL,
    upto pg_snapshot NOT NULL,
    since timestamptz NOT NULL DEFAULT clock_timestamp(),
    seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (credential, id)
);

CREATE TABLE IF NOT EXISTS "auth".revocation_delay (
    credential text PRIMARY KEY,
    delays integer NOT NULL,
    since timestamptz NOT NULL
);

CREATE OR REPLACE FUNCTION "auth".revocation_margin() RETURNS interval
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT interval '1 hour' $$;
REVOKE ALL ON FUNCTION "auth".revocation_margin FROM PUBLIC;

CREATE OR REPLACE FUNCTION "auth".revocation_token_life() RETURNS interval
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce((SELECT max_token_life FROM "auth".revocation_installation), interval '31 days 1 hour')
$$;
REVOKE ALL ON FUNCTION "auth".revocation_token_life FROM PUBLIC;

CREATE OR REPLACE FUNCTION "auth".revocation_added() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    news text;
BEGIN
    IF NOT EXISTS (SELECT FROM added) THEN
        RETURN NULL;
    END IF;
    SELECT CASE WHEN count(*) <= 20 THEN json_agg(json_strip_nulls(json_build_object(
            'sid', few.sid, 'sub', few.sub, 'min_ver', few.min_ver, 'jti', few.jti,
            'effective_at', ceil(extract(epoch FROM few.effective_at))::bigint, 'client_id', few.client_id,
            'iss', few.iss, 'issued_before', few.issued_before,
            'expires_at', ceil(extract(epoch FROM few.expires_at))::bigint
        ))) END INTO news
        FROM (SELECT * FROM added LIMIT 21) few;
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
REVOKE ALL ON FUNCTION "auth".revocation_added FROM PUBLIC;

CREATE OR REPLACE FUNCTION "auth".revocation_version_rising() RETURNS trigger
    LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE least(OLD.version + 1, 9007199254740991) END;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION "auth".revocation_version_rising FROM PUBLIC;

CREATE OR REPLACE FUNCTION "auth".revocation_version_raised() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    longest interval := "auth".revocation_token_life();
BEGIN
    INSERT INTO "auth".revocation (sub, min_ver, expires_at)
        SELECT user_id, version, now() + longest FROM raised;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION "auth".revocation_version_raised FROM PUBLIC;

CREATE OR REPLACE FUNCTION "auth".revocation_version_kept() RETURNS trigger
    LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'revocation: token versions are not deleted' USING ERRCODE = 'RV003';
END $$;
REVOKE ALL ON FUNCTION "auth".revocation_version_kept FROM PUBLIC;

CREATE OR REPLACE FUNCTION "auth".revocation_raise(users text[]) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO "auth".revocation_version AS present (user_id, version)
        SELECT DISTINCT id, 1 FROM unnest(users) id ORDER BY id
        ON CONFLICT (user_id) DO UPDATE SET version = present.version + 1
$$;
REVOKE ALL ON FUNCTION "auth".revocation_raise FROM PUBLIC;

CREATE OR REPLACE FUNCTION "auth".revocation_take_lock(users text[]) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO "auth".revocation_lock AS present (user_id)
        SELECT DISTINCT id FROM unnest(users) id ORDER BY id
        ON CONFLICT (user_id) DO UPDATE SET taken = present.taken + 1
$$;
REVOKE ALL ON FUNCTION "auth".revocation_take_lock FROM PUBLIC;

CREATE OR REPLACE FUNCTION "auth".revocation_end_sessions(users text[]) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    ended bigint;
BEGIN
    PERFORM "auth".revocation_take_lock(users);
    DELETE FROM "auth"."session" WHERE "userId" = ANY (users);
    GET DIAGNOSTICS ended = ROW_COUNT;
    RETURN ended;
END $$;
REVOKE ALL ON FUNCTION "auth".revocation_end_sessions FROM PUBLIC;

CREATE OR REPLACE FUNCTION "auth".revoke_user(user_id text) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM "auth".revocation_raise(ARRAY[user_id]);
    RETURN "auth".revocation_end_sessions(ARRAY[user_id]);
END $$;
REVOKE ALL ON FUNCTION "auth".revoke_user FROM PUBLIC;

CREATE OR REPLACE FUNCTION "auth".revoke_all() RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    users text[] := ARRAY(SELECT "id"::text FROM "auth"."user");
BEGIN
    PERFORM "auth".revocation_raise(users);
    RETURN cardinality(users);
END $$;
REVOKE ALL ON FUNCTION "auth".revoke_all FROM PUBLIC;

CREATE OR REPLACE FUNCTION "auth".revocation_token_state(
    session_id text, OUT version bigint, OUT role text, OUT banned boolean, OUT expires_at timestamptz
) RETURNS SETOF record LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(v.version, 0), u."role"::text, (u."banned" IS TRUE AND (u."banExpires" IS NULL OR u."banExpires" > clock_timestamp())), s."expiresAt"
    FROM "auth"."session" s
    JOIN "auth"."user" u ON u."id" = s."userId"
    LEFT JOIN "auth".revocation_version v ON v.user_id = u."id"::text
    WHERE s."id" = session_id AND s."expiresAt" > now()
$$;
REVOKE ALL ON FUNCTION "auth".revocation_token_state FROM PUBLIC;

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

CREATE OR REPLACE FUNCTION "auth".revoke_token(
    token_id text, effective_at timestamptz DEFAULT NULL, until timestamptz DEFAULT NULL
) RETURNS void LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO "auth".revocation (jti, effective_at, expires_at) VALUES (
        token_id, effective_at,
        least(until + "auth".revocation_margin(), now() + "auth".revocation_token_life())
    )
$$;
REVOKE ALL ON FUNCTION "auth".revoke_token FROM PUBLIC;

CREATE OR REPLACE FUNCTION "auth".revocation_names(
    token_id text, client text, subject text, issuer text, issued_at bigint
) RETURNS boolean LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM "auth".revocation v
        WHERE v.sid IS NULL AND v.min_ver IS NULL AND v.expires_at > now()
            AND coalesce(v.jti, v.client_id, v.sub, v.iss) = ANY (ARRAY[token_id, client, subject, issuer])
            AND (
                (v.jti = token_id AND coalesce(v.effective_at, '-infinity') <= now())
                OR v.client_id = client
                OR ((v.sub = subject OR v.iss = issuer) AND issued_at < v.issued_before)
            )
    )
$$;
REVOKE ALL ON FUNCTION "auth".revocation_names FROM PUBLIC;

CREATE OR REPLACE FUNCTION "auth".revoke_client(client text) RETURNS void
    LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO "auth".revocation (client_id, expires_at) VALUES (client, now() + "auth".revocation_token_life())
$$;
REVOKE ALL ON FUNCTION "auth".revoke_client FROM PUBLIC;

CREATE OR REPLACE FUNCTION "auth".revoke_issued_before(
    moment timestamptz, subject text DEFAULT NULL, issuer text DEFAULT NULL
) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF moment > clock_timestamp() + interval '1 second' THEN
        RAISE EXCEPTION 'revocation: the moment has not come yet' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    INSERT INTO "auth".revocation (sub, iss, issued_before, expires_at) VALUES (
        subject, issuer, ceil(extract(epoch FROM moment)), moment + "auth".revocation_token_life()
    );
END $$;
REVOKE ALL ON FUNCTION "auth".revoke_issued_before FROM PUBLIC;

CREATE OR REPLACE FUNCTION "auth".revocation_issuable_from(subject text) RETURNS bigint
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT greatest(
        (SELECT max(v.issued_before) FROM "auth".revocation v
            WHERE coalesce(v.sub, '') = subject AND v.issued_before IS NOT NULL),
        (SELECT max(v.issued_before) FROM "auth".revocation v
            WHERE coalesce(v.sub, '') = '' AND v.issued_before IS NOT NULL)
    )
$$;
REVOKE ALL ON FUNCTION "auth".revocation_issuable_from FROM PUBLIC;

CREATE OR REPLACE FUNCTION "auth".revocation_renewal_grace() RETURNS interval
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT interval '1 minute' $$;
REVOKE ALL ON FUNCTION "auth".revocation_renewal_grace FROM PUBLIC;

CREATE OR REPLACE FUNCTION "auth".revocation_token_standing(
    token_id text, subject text, issuer text, issued bigint,
    OUT revoked boolean, OUT successor text, OUT successor_issued_at bigint, OUT reused boolean
) LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT "auth".revocation_names(token_id, NULL, subject, issuer, issued), r.successor,
        extract(epoch FROM r.issued_at)::bigint,
        coalesce(r.issued_at + "auth".revocation_renewal_grace() <= clock_timestamp(), false)
    FROM (VALUES (token_id)) AS one (jti) LEFT JOIN "auth".revocation_renewal r ON r.jti = one.jti
$$;
REVOKE ALL ON FUNCTION "auth".revocation_token_standing FROM PUBLIC;

CREATE OR REPLACE FUNCTION "auth".revocation_renew(
    token_id text, session_id text, until timestamptz, successor_id text, issued timestamptz,
    OUT recorded boolean, OUT pause integer
) LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('revocation renewal ' || session_id, 0));
    recorded := false;
    pause := 0;
    IF EXISTS (SELECT FROM "auth".revocation_renewal WHERE jti = token_id) THEN
        RETURN;
    END IF;
    SELECT ceil(extract(epoch FROM
            max(r.issued_at) + make_interval(secs => least(60 * 2 ^ least(count(*) - 10, 6), 3600)) - clock_timestamp()
        ))::integer
    INTO pause
    FROM "auth".revocation_renewal r
    WHERE r.sid = session_id AND r.expires_at > clock_timestamp()
    HAVING count(*) >= 10;
    pause := greatest(pause, 0);
    IF pause > 0 THEN
        RETURN;
    END IF;
    INSERT INTO "auth".revocation_renewal (jti, sid, successor, issued_at, expires_at)
        VALUES (token_id, session_id, successor_id, issued, until);
    PERFORM "auth".revoke_token(token_id, issued + "auth".revocation_renewal_grace(), until);
    DELETE FROM "auth".revocation_renewal WHERE jti IN (
        SELECT jti FROM "auth".revocation_renewal WHERE expires_at < now() LIMIT 10 FOR UPDATE SKIP LOCKED
    );
    recorded := true;
END $$;
REVOKE ALL ON FUNCTION "auth".revocation_renew FROM PUBLIC;

CREATE OR REPLACE FUNCTION "auth".revocation_forget_renewal(token_id text) RETURNS boolean
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    DELETE FROM "auth".revocation_renewal WHERE jti = token_id;
    RETURN FOUND;
END $$;
REVOKE ALL ON FUNCTION "auth".revocation_forget_renewal FROM PUBLIC;

CREATE OR REPLACE FUNCTION "auth".revocation_fingerprint(password_hash text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT encode(sha256(convert_to(password_hash, 'UTF8')), 'hex') $$;
REVOKE ALL ON FUNCTION "auth".revocation_fingerprint FROM PUBLIC;

CREATE OR REPLACE FUNCTION "auth".revocation_password_stands(of_user text, fingerprint text) RETURNS boolean
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM "auth"."account" a
        WHERE a."userId"::text = of_user AND "auth".revocation_fingerprint(a."password") = fingerprint
    )
$$;
REVOKE ALL ON FUNCTION "auth".revocation_password_stands FROM PUBLIC;

CREATE OR REPLACE FUNCTION "auth".revocation_session_opening() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM "auth".revocation_take_lock(ARRAY[NEW."userId"::text]);
    IF EXISTS (SELECT FROM "auth"."user" u WHERE u."id" = NEW."userId" AND (u."banned" IS TRUE AND (u."banExpires" IS NULL OR u."banExpires" > clock_timestamp()))) THEN
        RAISE EXCEPTION 'revocation: the user is banned' USING ERRCODE = 'RV002';
    END IF;
    IF NEW."passwordFingerprint" IS NOT NULL
        AND NOT "auth".revocation_password_stands(NEW."userId"::text, NEW."passwordFingerprint")
    THEN
        RAISE EXCEPTION 'revocation: the password has been changed since it was verified' USING ERRCODE = 'RV001';
    END IF;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION "auth".revocation_session_opening FROM PUBLIC;

CREATE OR REPLACE FUNCTION "auth".revocation_session_deleted() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    longest interval := "auth".revocation_token_life();
BEGIN
    INSERT INTO "auth".revocation (sid, expires_at)
    SELECT s."id"::text, least(s."expiresAt" + "auth".revocation_margin(), now() + longest)
    FROM gone s WHERE s."expiresAt" + "auth".revocation_margin() > now();
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION "auth".revocation_session_deleted FROM PUBLIC;

CREATE OR REPLACE FUNCTION "auth".revocation_session_shortened() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW."expiresAt" <= now() THEN
        INSERT INTO "auth".revocation (sid, expires_at)
        VALUES (OLD."id"::text,
            least(OLD."expiresAt" + "auth".revocation_margin(), now() + "auth".revocation_token_life()));
    ELSE
        PERFORM "auth".revocation_raise(ARRAY[OLD."userId"::text]);
    END IF;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION "auth".revocation_session_shortened FROM PUBLIC;

CREATE OR REPLACE FUNCTION "auth".revocation_session_truncated() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    longest interval := "auth".revocation_token_life();
BEGIN
    INSERT INTO "auth".revocation (sid, expires_at)
    SELECT s."id"::text, least(s."expiresAt" + "auth".revocation_margin(), now() + longest)
    FROM "auth"."session" s WHERE s."expiresAt" + "auth".revocation_margin() > now();
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION "auth".revocation_session_truncated FROM PUBLIC;

CREATE OR REPLACE TRIGGER revocation_session_opening BEFORE INSERT ON "auth"."session"
    FOR EACH ROW EXECUTE FUNCTION "auth".revocation_session_opening();

CREATE OR REPLACE TRIGGER revocation_session_deleted AFTER DELETE ON "auth"."session"
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION "auth".revocation_session_deleted();

CREATE OR REPLACE TRIGGER revocation_session_shortened AFTER UPDATE OF "expiresAt" ON "auth"."session"
    FOR EACH ROW WHEN (NEW."expiresAt" < OLD."expiresAt") EXECUTE FUNCTION "auth".revocation_session_shortened();

CREATE OR REPLACE TRIGGER revocation_session_truncated BEFORE TRUNCATE ON "auth"."session"
    FOR EACH STATEMENT EXECUTE FUNCTION "auth".revocation_session_truncated();

CREATE OR REPLACE FUNCTION "auth".revocation_user_changed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    changed text[];
    banned text[];
BEGIN
    SELECT
        coalesce(array_agg(n."id"::text) FILTER (
            WHERE ROW(n."role", n."banned") IS DISTINCT FROM ROW(o."role", o."banned") OR (n."banned" IS TRUE AND (n."banExpires" IS NULL OR n."banExpires" > clock_timestamp())) AND NOT (o."banned" IS TRUE AND (o."banExpires" IS NULL OR o."banExpires" > clock_timestamp()))
        ), '{}'),
        coalesce(array_agg(n."id"::text) FILTER (WHERE (n."banned" IS TRUE AND (n."banExpires" IS NULL OR n."banExpires" > clock_timestamp())) AND NOT (o."banned" IS TRUE AND (o."banExpires" IS NULL OR o."banExpires" > clock_timestamp()))), '{}')
    INTO changed, banned
    FROM after_update n JOIN before_update o ON o."id" = n."id";
    IF changed <> '{}' THEN
        PERFORM "auth".revocation_raise(changed);
    END IF;
    IF banned <> '{}' THEN
        PERFORM "auth".revocation_end_sessions(banned);
    END IF;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION "auth".revocation_user_changed FROM PUBLIC;

CREATE OR REPLACE TRIGGER revocation_user_changed AFTER UPDATE ON "auth"."user"
    REFERENCING OLD TABLE AS before_update NEW TABLE AS after_update
    FOR EACH STATEMENT EXECUTE FUNCTION "auth".revocation_user_changed();

CREATE OR REPLACE FUNCTION "auth".revocation_user_deleted() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM "auth".revocation_raise(ARRAY(SELECT "id"::text FROM gone));
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION "auth".revocation_user_deleted FROM PUBLIC;

CREATE OR REPLACE FUNCTION "auth".revocation_user_truncated() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM "auth".revocation_raise(ARRAY(SELECT "id"::text FROM "auth"."user"));
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION "auth".revocation_user_truncated FROM PUBLIC;

CREATE OR REPLACE TRIGGER revocation_user_deleted AFTER DELETE ON "auth"."user"
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION "auth".revocation_user_deleted();

CREATE OR REPLACE TRIGGER revocation_user_truncated BEFORE TRUNCATE ON "auth"."user"
    FOR EACH STATEMENT EXECUTE FUNCTION "auth".revocation_user_truncated();

CREATE OR REPLACE FUNCTION "auth".revocation_void_password(users text[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF users = '{}' THEN
        RETURN;
    END IF;
    PERFORM "auth".revocation_raise(users);
    PERFORM "auth".revocation_end_sessions(users);
    DELETE FROM "auth"."verification" WHERE "value" = ANY (users);
END $$;
REVOKE ALL ON FUNCTION "auth".revocation_void_password FROM PUBLIC;

CREATE OR REPLACE FUNCTION "auth".revocation_password_changed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM "auth".revocation_void_password(ARRAY(
        SELECT o."userId"::text FROM after_update n JOIN before_update o ON o."id" = n."id"
        WHERE n."password" IS DISTINCT FROM o."password"
    ));
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION "auth".revocation_password_changed FROM PUBLIC;

CREATE OR REPLACE FUNCTION "auth".revocation_password_deleted() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM "auth".revocation_void_password(ARRAY(
        SELECT g."userId"::text FROM gone g JOIN "auth"."user" u ON u."id" = g."userId" WHERE g."password" IS NOT NULL
    ));
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION "auth".revocation_password_deleted FROM PUBLIC;

CREATE OR REPLACE FUNCTION "auth".revocation_passwords_truncated() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM "auth".revocation_void_password(ARRAY(
        SELECT a."userId"::text FROM "auth"."account" a WHERE a."password" IS NOT NULL
    ));
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION "auth".revocation_passwords_truncated FROM PUBLIC;

CREATE OR REPLACE TRIGGER revocation_password_changed AFTER UPDATE ON "auth"."account"
    REFERENCING OLD TABLE AS before_update NEW TABLE AS after_update
    FOR EACH STATEMENT EXECUTE FUNCTION "auth".revocation_password_changed();

CREATE OR REPLACE TRIGGER revocation_password_deleted AFTER DELETE ON "auth"."account"
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION "auth".revocation_password_deleted();

CREATE OR REPLACE TRIGGER revocation_passwords_truncated BEFORE TRUNCATE ON "auth"."account"
    FOR EACH STATEMENT EXECUTE FUNCTION "auth".revocation_passwords_truncated();

CREATE OR REPLACE FUNCTION "auth".revocation_password_changing() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF "auth".revocation_fingerprint(OLD."password") IS DISTINCT FROM NEW."passwordFingerprint" THEN
        RAISE EXCEPTION 'revocation: the password has been changed since it was verified' USING ERRCODE = 'RV001';
    END IF;
    NEW."passwordFingerprint" := NULL;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION "auth".revocation_password_changing FROM PUBLIC;

CREATE OR REPLACE TRIGGER revocation_password_changing BEFORE UPDATE ON "auth"."account"
    FOR EACH ROW WHEN (NEW."passwordFingerprint" IS NOT NULL)
    EXECUTE FUNCTION "auth".revocation_password_changing();

CREATE OR REPLACE FUNCTION "auth".revocation_verification_opening() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM "auth"."user" u WHERE u."id"::text = NEW."value") THEN
        RETURN NEW;
    END IF;
    PERFORM "auth".revocation_take_lock(ARRAY[NEW."value"]);
    IF NOT "auth".revocation_password_stands(NEW."value", NEW."passwordFingerprint") THEN
        RAISE EXCEPTION 'revocation: the password has been changed since it was verified' USING ERRCODE = 'RV001';
    END IF;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION "auth".revocation_verification_opening FROM PUBLIC;

CREATE OR REPLACE TRIGGER revocation_verification_opening BEFORE INSERT ON "auth"."verification"
    FOR EACH ROW WHEN (NEW."passwordFingerprint" IS NOT NULL)
    EXECUTE FUNCTION "auth".revocation_verification_opening();

CREATE OR REPLACE FUNCTION "auth".revocation_epoch() RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT md5(concat_ws(
        ',', s.system_identifier, c.timeline_id, pg_postmaster_start_time(), b.stats_reset,
        (SELECT oid FROM pg_database WHERE datname = current_database())
    ))
    FROM pg_control_system() s, pg_control_checkpoint() c, pg_stat_bgwriter b
$$;
REVOKE ALL ON FUNCTION "auth".revocation_epoch FROM PUBLIC;

CREATE OR REPLACE FUNCTION "auth".revocation_page(
    after text, page integer DEFAULT 4000,
    OUT cursor text, OUT reset boolean, OUT complete boolean, OUT max_token_life integer, OUT expected bigint,
    OUT sids text[], OUT sid_expires bigint[],
    OUT subs text[], OUT sub_min_vers bigint[], OUT sub_expires bigint[],
    OUT others json, OUT channels text[], OUT version integer
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
        coalesce(array_agg(r.sub) FILTER (WHERE r.min_ver IS NOT NULL), '{}'),
        coalesce(array_agg(r.min_ver) FILTER (WHERE r.min_ver IS NOT NULL), '{}'),
        coalesce(array_agg(r.expires) FILTER (WHERE r.min_ver IS NOT NULL), '{}'),
        coalesce(json_agg(json_strip_nulls(json_build_object(
            'sid', r.sid, 'sub', r.sub, 'min_ver', r.min_ver, 'jti', r.jti,
            'effective_at', ceil(extract(epoch FROM r.effective_at))::bigint, 'client_id', r.client_id,
            'iss', r.iss, 'issued_before', r.issued_before,
            'expires_at', ceil(extract(epoch FROM r.expires_at))::bigint
        ))) FILTER (WHERE r.sid IS NULL AND r.min_ver IS NULL), '[]'),
        coalesce((array_agg(r.xid))[count(*)], last_xid),
        coalesce((array_agg(r.id))[count(*)], last_id)
    INTO rows_found, sids, sid_expires, subs, sub_min_vers, sub_expires, others, last_xid, last_id
    FROM (
        SELECT v.*, ceil(extract(epoch FROM v.expires_at))::bigint AS expires
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
REVOKE ALL ON FUNCTION "auth".revocation_page FROM PUBLIC;

CREATE OR REPLACE FUNCTION "auth".revocations_after(
    after text, page integer DEFAULT 4000,
    OUT cursor text, OUT reset boolean, OUT complete boolean, OUT max_token_life integer, OUT expected bigint,
    OUT sids text[], OUT sid_expires bigint[],
    OUT subs text[], OUT sub_min_vers bigint[], OUT sub_expires bigint[],
    OUT channels text[], OUT version integer
) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    others json;
BEGIN
    SELECT p.* INTO cursor, reset, complete, max_token_life, expected,
        sids, sid_expires, subs, sub_min_vers, sub_expires, others, channels, version
    FROM "auth".revocation_page(after, page) p;
    IF json_array_length(others) > 0 THEN
        RAISE EXCEPTION 'revocation: this reader does not know every kind of revocation that there is' USING
            ERRCODE = 'RV004', HINT = 'Install a newer version of the library on the resource server.';
    END IF;
END $$;
REVOKE ALL ON FUNCTION "auth".revocations_after FROM PUBLIC;

CREATE OR REPLACE FUNCTION "auth".revocation_origins() RETURNS text[]
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT ARRAY(SELECT nonce FROM "auth".revocation_origin ORDER BY id DESC LIMIT 4)
$$;
REVOKE ALL ON FUNCTION "auth".revocation_origins FROM PUBLIC;

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
REVOKE ALL ON FUNCTION "auth".revocation_renew_origin FROM PUBLIC;

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
REVOKE ALL ON FUNCTION "auth".revocation_renew_channels FROM PUBLIC;

CREATE OR REPLACE FUNCTION "auth".revocation_last_heard(seen_at timestamptz, of_this_epoch boolean)
    RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN of_this_epoch THEN seen_at ELSE greatest(seen_at, pg_postmaster_start_time()) END
$$;
REVOKE ALL ON FUNCTION "auth".revocation_last_heard FROM PUBLIC;

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
    ELSE
        -- Those who come at once are counted one after the other.
        PERFORM pg_advisory_xact_lock(hashtext('revocation listeners'));
        IF (SELECT count(*) FROM "auth".revocation_listener WHERE credential = of_credential) >= 500 THEN
            RETURN;
        END IF;
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
REVOKE ALL ON FUNCTION "auth".revocation_acknowledge FROM PUBLIC;

CREATE OR REPLACE FUNCTION "auth".acknowledge_revocations(listener uuid, cursor text) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT "auth".revocation_acknowledge('role ' || session_user, listener, cursor)
$$;
REVOKE ALL ON FUNCTION "auth".acknowledge_revocations FROM PUBLIC;

CREATE OR REPLACE FUNCTION "auth".revocation_patience(since timestamptz, delays integer) RETURNS interval
    LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN delays >= 3 THEN interval '50 milliseconds'
        WHEN since > clock_timestamp() - interval '5 seconds' THEN interval '500 milliseconds'
        ELSE interval '1 day'
    END
$$;
REVOKE ALL ON FUNCTION "auth".revocation_patience FROM PUBLIC;

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
REVOKE ALL ON FUNCTION "auth".await_revocations FROM PUBLIC;

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
REVOKE ALL ON FUNCTION "auth".revocation_give_up FROM PUBLIC;

CREATE OR REPLACE FUNCTION "auth".missing_revocation_triggers() RETURNS SETOF text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT one.name FROM "auth".revocation_object one
    WHERE one.definition IS DISTINCT FROM CASE one.kind
        WHEN 'table' THEN (
            SELECT md5(string_agg(
                concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull), ',' ORDER BY a.attnum))
            FROM pg_attribute a
            WHERE a.attrelid = to_regclass(one.identity) AND a.attnum > 0 AND NOT a.attisdropped)
        WHEN 'index' THEN (
            SELECT md5(pg_get_indexdef(i.indexrelid)) FROM pg_index i
            WHERE i.indexrelid = to_regclass(one.identity) AND i.indisvalid)
        WHEN 'function' THEN (
            SELECT md5(concat_ws('/', p.prosrc, p.prosecdef, p.proconfig::text, p.proowner, p.provolatile,
                p.proallargtypes::text, p.proargtypes::text, p.prorettype,
                has_function_privilege('public', p.oid, 'EXECUTE')))
            FROM pg_proc p WHERE p.oid = to_regproc(one.identity))
        WHEN 'trigger' THEN (
            SELECT md5(concat_ws(' ', pg_get_triggerdef(t.oid), t.tgenabled))
            FROM pg_trigger t WHERE t.tgname = one.trigger_name AND t.tgrelid = to_regclass(one.relation))
    END
    ORDER BY one.name
$$;
REVOKE ALL ON FUNCTION "auth".missing_revocation_triggers FROM PUBLIC;

SELECT "auth".revocation_end_sessions(ARRAY(SELECT u."id"::text FROM "auth"."user" u WHERE (u."banned" IS TRUE AND (u."banExpires" IS NULL OR u."banExpires" > clock_timestamp()))));

INSERT INTO "auth".revocation_installation (version, max_token_life, made_schema)
VALUES (4, make_interval(secs => 2682000), false)
ON CONFLICT (singleton) DO UPDATE SET version = excluded.version, applied_at = excluded.applied_at,
    max_token_life = greatest(revocation_installation.max_token_life, excluded.max_token_life);

DELETE FROM "auth".revocation_object;

INSERT INTO "auth".revocation_object (place, kind, identity, name, relation, trigger_name, source, definition)
SELECT one.place, one.kind, one.identity, one.name, one.relation, one.trigger_name, one.source, CASE one.kind
        WHEN 'table' THEN (
            SELECT md5(string_agg(
                concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull), ',' ORDER BY a.attnum))
            FROM pg_attribute a
            WHERE a.attrelid = to_regclass(one.identity) AND a.attnum > 0 AND NOT a.attisdropped)
        WHEN 'index' THEN (
            SELECT md5(pg_get_indexdef(i.indexrelid)) FROM pg_index i
            WHERE i.indexrelid = to_regclass(one.identity) AND i.indisvalid)
        WHEN 'function' THEN (
            SELECT md5(concat_ws('/', p.prosrc, p.prosecdef, p.proconfig::text, p.proowner, p.provolatile,
                p.proallargtypes::text, p.proargtypes::text, p.prorettype,
                has_function_privilege('public', p.oid, 'EXECUTE')))
            FROM pg_proc p WHERE p.oid = to_regproc(one.identity))
        WHEN 'trigger' THEN (
            SELECT md5(concat_ws(' ', pg_get_triggerdef(t.oid), t.tgenabled))
            FROM pg_trigger t WHERE t.tgname = one.trigger_name AND t.tgrelid = to_regclass(one.relation))
    END
FROM (VALUES
    (0, 'table', '"auth".revocation', 'revocation', '', '', '9db443c5581aeb355a5a2104b8b687df1ba4c8d9bf9917314249f9ed6b36ce64'),
    (1, 'index', '"auth".revocation_feed', 'revocation_feed', '', '', '425d2aa79177c03bd6c25572d31722970154e089a35e7ee1200033fbb620c60b'),
    (2, 'index', '"auth".revocation_others', 'revocation_others', '', '', '949823dad4f1cbddcea6202e5991f7bb996c98c929e0066afe929601136c5694'),
    (3, 'index', '"auth".revocation_issued', 'revocation_issued', '', '', 'a887b0392d13fe4021e714996364da478d5f6f530735edd022c4cca452b9bb30'),
    (4, 'index', '"auth".revocation_expiry', 'revocation_expiry', '', '', '22755fdbed070cdefeac5d04551bce9944903afb7dc873bb73457d6555589a7d'),
    (5, 'table', '"auth".revocation_installation', 'revocation_installation', '', '', 'aca1c2009eaf5b047905ce6c57165726cd80b924a7fa51eb9d6cbcac21d29f0d'),
    (6, 'table', '"auth".revocation_object', 'revocation_object', '', '', '5d1c834b328ca38734142662fa835619deec2d7b9c0ca3598837b3b990d420a7'),
    (7, 'table', '"auth".revocation_version', 'revocation_version', '', '', 'a48f9f05aa27bbaa2b282bd2c0af9c3d8ac9635d645d9db1d3d21adf48a8407a'),
    (8, 'table', '"auth".revocation_lock', 'revocation_lock', '', '', 'b517007f69ee5aca8934eae298a0a9a90f42fcbbcd8d547111fbb6e9663c6025'),
    (9, 'table', '"auth".revocation_renewal', 'revocation_renewal', '', '', 'eb6e25c1606712cde54255e755ce7c14bd0fb336ce9c60eb9bc0730ae584fdcb'),
    (10, 'index', '"auth".revocation_renewal_session', 'revocation_renewal_session', '', '', 'f838e2037b116a5dc877cda4f73c0b0ecd35f8ba1aeb4c4d8d65975bfbbdaff4'),
    (11, 'index', '"auth".revocation_renewal_expiry', 'revocation_renewal_expiry', '', '', '10959d340b7e01124f67a5f00febad0b78818684b5a25871a1caa5366af63e18'),
    (12, 'table', '"auth".revocation_channel', 'revocation_channel', '', '', 'e8adc6c9ecf941ebf3809597a90571ccc304444f7fa7a83be9b04ad798be0f39'),
    (13, 'table', '"auth".revocation_origin', 'revocation_origin', '', '', '4cd51ea30f329529357b989e582c4651b3cde1b4c80bdc9e5fa51950c02cbd60'),
    (14, 'table', '"auth".revocation_listener', 'revocation_listener', '', '', 'd3fd4eb603cc5a9d88a83b0943b4833b57a9e27849f20a8a3b93683baeda3c45'),
    (15, 'table', '"auth".revocation_delay', 'revocation_delay', '', '', '57603e50491ffe11f83e363a37bdf832acf7c5806cdc9bc4e80140e8f3c1223d'),
    (16, 'function', '"auth".revocation_margin', 'revocation_margin()', '', '', '5b274de79e2daaa426b668f7e8cce330779b5a9c85d14fa17153f12c269aee28'),
    (17, 'function', '"auth".revocation_token_life', 'revocation_token_life()', '', '', 'a265de57187dc8a0c45a783ba7bbba7fd75477ba8d98fd01c97a2f36f7551147'),
    (18, 'function', '"auth".revocation_added', 'revocation_added()', '', '', '58875205f73de81a693048ddeaa009e184fdbf55653731129d08eb78bf7a7b99'),
    (19, 'function', '"auth".revocation_version_rising', 'revocation_version_rising()', '', '', '05c99979720b46f8501f6da8eac1bebaca0e3a7dadb31a4bc6394d8543a09486'),
    (20, 'function', '"auth".revocation_version_raised', 'revocation_version_raised()', '', '', 'bb37771ad3aa888b88ba33e763cd3c9a4a3d745ac0c20a0bfe13d92072a36e96'),
    (21, 'function', '"auth".revocation_version_kept', 'revocation_version_kept()', '', '', 'fa46ca4239cd3d96f7a5a9a75e4087108af158a3f0ab809be3c7f0546475410b'),
    (22, 'function', '"auth".revocation_raise', 'revocation_raise()', '', '', '6a7c9a743b966d1b7619586820ed47314efb08586a56fbaada66c8b00608eeb9'),
    (23, 'function', '"auth".revocation_take_lock', 'revocation_take_lock()', '', '', 'f66561c7fb4c42bd024068642c82c2d04cd65727040d94337514e5091917fc0e'),
    (24, 'function', '"auth".revocation_end_sessions', 'revocation_end_sessions()', '', '', '999815c61e6c3697aca36f72d5080e1c99f6c28700106105ce1719dc3637f27c'),
    (25, 'function', '"auth".revoke_user', 'revoke_user()', '', '', 'f1ec3a6e37019a453eede6c5fefbfb126f38cc8bbdb20cd9b3364c93b07daff2'),
    (26, 'function', '"auth".revoke_all', 'revoke_all()', '', '', '0b6c3fe7848dade41273c462837299f473ef3e6472dc21e7bb76556f227434e7'),
    (27, 'function', '"auth".revocation_token_state', 'revocation_token_state()', '', '', '40d80b3fbbc1c00d26741acbfab167a0d387581d804c82623c0ac748818e4129'),
    (28, 'trigger', 'revocation_added ON "auth".revocation', 'revocation.revocation_added', '"auth".revocation', 'revocation_added', '3d3ab6c30de4209b221057f516b89a02a6fd77559ab5fcc54bd0fa89f8035cad'),
    (29, 'trigger', 'revocation_version_rising ON "auth".revocation_version', 'revocation_version.revocation_version_rising', '"auth".revocation_version', 'revocation_version_rising', 'f19d15df2a5474b56f90994c73813a1a9aebeb89e86bb81bbd23f830f2432833'),
    (30, 'trigger', 'revocation_version_first ON "auth".revocation_version', 'revocation_version.revocation_version_first', '"auth".revocation_version', 'revocation_version_first', 'e22bee38d7daf8e6a7a396af52a95f02018603ca2bf7d9ec8e8d7c516fdf255f'),
    (31, 'trigger', 'revocation_version_next ON "auth".revocation_version', 'revocation_version.revocation_version_next', '"auth".revocation_version', 'revocation_version_next', '0d01bf964d3d1ec85186c2df805fb380923fdd78224e7e50e893fb2c6083f530'),
    (32, 'trigger', 'revocation_version_kept ON "auth".revocation_version', 'revocation_version.revocation_version_kept', '"auth".revocation_version', 'revocation_version_kept', '14d44c68fd029190bc4fc3c88ef958dd9f86c131668dabc9b7af22804220db37'),
    (33, 'function', '"auth".revoke_token', 'revoke_token()', '', '', 'c7af97f2bcebcb901b2157910e243c9fffa026117dcf3a91758bf4c4c443e918'),
    (34, 'function', '"auth".revocation_names', 'revocation_names()', '', '', '4979da0f28b45e5fcece12b0bf88db68b6f3ba805d9ef7a8eb7a97a9fd8ab7cf'),
    (35, 'function', '"auth".revoke_client', 'revoke_client()', '', '', '73a271fc9abbe3fe1fe85c7237b07a3d36b054eefe7519bd788fee7bbbd05fd1'),
    (36, 'function', '"auth".revoke_issued_before', 'revoke_issued_before()', '', '', 'f2426e09386ca8e27ac732fbccdb4ad37000018004ffeb9e824bd9cad0b96ea8'),
    (37, 'function', '"auth".revocation_issuable_from', 'revocation_issuable_from()', '', '', 'cebee665475269a45814f35dec20375e8dac4b14ea072078808cda1fbfe7cfbb'),
    (38, 'function', '"auth".revocation_renewal_grace', 'revocation_renewal_grace()', '', '', '8be63a7cb36034836b049ed931b41fbf960fc0f57a08102a156ff9cb4f9e4004'),
    (39, 'function', '"auth".revocation_token_standing', 'revocation_token_standing()', '', '', 'd754719e2f225f12486d15e744890ec0bb29ea01e939d6d0e5a0cccef6c6b917'),
    (40, 'function', '"auth".revocation_renew', 'revocation_renew()', '', '', '346fa920da135ff34273b9e9cdf3353927851946a663d7db28b0a9f44ffe7dc6'),
    (41, 'function', '"auth".revocation_forget_renewal', 'revocation_forget_renewal()', '', '', '6e1b5eb867639ff82899396cba4027b7c7c635bf9575dbfd11b012dbfae1814f'),
    (42, 'function', '"auth".revocation_fingerprint', 'revocation_fingerprint()', '', '', '57fdc988be99075a3da2bd788d111c80395aea54ab2240cddaa31dc34351d53b'),
    (43, 'function', '"auth".revocation_password_stands', 'revocation_password_stands()', '', '', 'cdf5695a4dfd7b4ff4ab8a800b51d498c8884f9805889588d530faf0a5d8167c'),
    (44, 'function', '"auth".revocation_session_opening', 'revocation_session_opening()', '', '', 'ad3a9264f6ffd3740c83d23d513509e8b4bb4dda8b3a9f738925279c39aa4ec6'),
    (45, 'function', '"auth".revocation_session_deleted', 'revocation_session_deleted()', '', '', '0454b044ac081ac6a00ef2dc8cb241f9e7d322753ddfb81c29c3d0d4ee9e60e4'),
    (46, 'function', '"auth".revocation_session_shortened', 'revocation_session_shortened()', '', '', '929a9afee7647d1c833ab114cfb89cdbf494a3f5e85ba2ca2dcfed5bafe2ed7e'),
    (47, 'function', '"auth".revocation_session_truncated', 'revocation_session_truncated()', '', '', 'd6417137930373b5a98c910684f2a9f83f016bc85f12d1d06a13956882fedaca'),
    (48, 'trigger', 'revocation_session_opening ON "auth"."session"', 'session.revocation_session_opening', '"auth"."session"', 'revocation_session_opening', '58b7f47679924881d2d19bb5223d55f771ba867bf302eb68387554ed44b3f928'),
    (49, 'trigger', 'revocation_session_deleted ON "auth"."session"', 'session.revocation_session_deleted', '"auth"."session"', 'revocation_session_deleted', '73f4d90fc60277e616ffe946a7a36140628e5c45bb0eb17b9e44d80c8b62b530'),
    (50, 'trigger', 'revocation_session_shortened ON "auth"."session"', 'session.revocation_session_shortened', '"auth"."session"', 'revocation_session_shortened', '8eb7e3f045d37bf70842824fe8bc61ee8fc4b2c2e6c8936a88a5415fbaf1fe06'),
    (51, 'trigger', 'revocation_session_truncated ON "auth"."session"', 'session.revocation_session_truncated', '"auth"."session"', 'revocation_session_truncated', '9ecb8426c0e6b60f2d3055b61907c205a5dcde08b049d59596b3c53cc2c105c5'),
    (52, 'function', '"auth".revocation_user_changed', 'revocation_user_changed()', '', '', '61c9aec8c30a161b6f423af1e22c5cef87d8cbab8c9ac27b5ea2bfcde956308e'),
    (53, 'trigger', 'revocation_user_changed ON "auth"."user"', 'user.revocation_user_changed', '"auth"."user"', 'revocation_user_changed', 'bd74eb1b4571e672e3087c6511f0339fcc4f15b173e9340a2887258fa9d3df8b'),
    (54, 'function', '"auth".revocation_user_deleted', 'revocation_user_deleted()', '', '', '12b3e66bc6250266d58af754bb61c296631260f6cbd4bb673d5a4532c1a7daef'),
    (55, 'function', '"auth".revocation_user_truncated', 'revocation_user_truncated()', '', '', '7bc09193ada93fb2787af41943f70ac74715fd37e3224483232f945100b9e4d1'),
    (56, 'trigger', 'revocation_user_deleted ON "auth"."user"', 'user.revocation_user_deleted', '"auth"."user"', 'revocation_user_deleted', '253422185638318fa5b0cb0ac66df1fe1edbd8485413dc6a747b73b41817c9fb'),
    (57, 'trigger', 'revocation_user_truncated ON "auth"."user"', 'user.revocation_user_truncated', '"auth"."user"', 'revocation_user_truncated', '7b65b234c72ef79406221c18c75897c7aa68ecb991471f8df11f97c82679ceaf'),
    (58, 'function', '"auth".revocation_void_password', 'revocation_void_password()', '', '', '8c15bcc051e60228b519774af2af568ef918d31af8e3bf010be288a1f335214a'),
    (59, 'function', '"auth".revocation_password_changed', 'revocation_password_changed()', '', '', '6ac9215c16100ddd039b52237b66c67d1a2222a301d9c895ba9d62aba320f5ca'),
    (60, 'function', '"auth".revocation_password_deleted', 'revocation_password_deleted()', '', '', '6ba43a8d591459d5a5cffb5d7924b2ac5f9f8148266fc4b6b6eec12c1b61112a'),
    (61, 'function', '"auth".revocation_passwords_truncated', 'revocation_passwords_truncated()', '', '', '449468d27d6023d9c017eedf206c9b9cb44fb36d380a019c329074ccf33d5b31'),
    (62, 'trigger', 'revocation_password_changed ON "auth"."account"', 'account.revocation_password_changed', '"auth"."account"', 'revocation_password_changed', 'd550cc9bd1715b2b0b40c28c9b7bb68dfe31a67157e284c7ce88a28fd99dabd3'),
    (63, 'trigger', 'revocation_password_deleted ON "auth"."account"', 'account.revocation_password_deleted', '"auth"."account"', 'revocation_password_deleted', '1b285ef2a28ed12364091b9bb6c909fdfeba9e4caa0289531a883f3aa8af386a'),
    (64, 'trigger', 'revocation_passwords_truncated ON "auth"."account"', 'account.revocation_passwords_truncated', '"auth"."account"', 'revocation_passwords_truncated', 'c46de522576bb3b49c19c15e1285f2f36c64ddfd9bc60388375b03afad6ec4c6'),
    (65, 'function', '"auth".revocation_password_changing', 'revocation_password_changing()', '', '', 'd9c182ba39a8145750451860399adc4ecd398fb94262777e35a520c90fb905b0'),
    (66, 'trigger', 'revocation_password_changing ON "auth"."account"', 'account.revocation_password_changing', '"auth"."account"', 'revocation_password_changing', 'ba31dea2275fc73e43e24eac441ccf2c56b7cfcc20acd39287f34902acb203cc'),
    (67, 'function', '"auth".revocation_verification_opening', 'revocation_verification_opening()', '', '', 'b30b47557a89baf49f626236baf289ab10fe3180e5902f51e7f27d154d883729'),
    (68, 'trigger', 'revocation_verification_opening ON "auth"."verification"', 'verification.revocation_verification_opening', '"auth"."verification"', 'revocation_verification_opening', '5556af60630e80e992ac641ec45a3640ce404ad6477748f8c797eff192c88ffd'),
    (69, 'function', '"auth".revocation_epoch', 'revocation_epoch()', '', '', '3e98d2d2882baa0ef31b42f9cdf217b04aa032c0d2f6e6591ef4f6c39eef4b43'),
    (70, 'function', '"auth".revocation_page', 'revocation_page()', '', '', '2b3c4470955d0f37e30e0031f0ef6525e48429399498759d2b9f827e0c33a46d'),
    (71, 'function', '"auth".revocations_after', 'revocations_after()', '', '', '5c6eefa07e2d75d0778097c427dbe2e8d3ba1c1cd47f93442a007b4d5ba144c0'),
    (72, 'function', '"auth".revocation_origins', 'revocation_origins()', '', '', 'f8331645236bde4f09a6dc275a43ed9ef3ad2b770fe407be7e6cc2af56522027'),
    (73, 'function', '"auth".revocation_renew_origin', 'revocation_renew_origin()', '', '', '0af8d91d04b3021e745db8821aca614bc2ef8ab2505fefd6d43e3b739b3494a0'),
    (74, 'function', '"auth".revocation_renew_channels', 'revocation_renew_channels()', '', '', '3472f389806b16968cc0afbc42efdb234300fa471e82d5b52fdeebab04010755'),
    (75, 'function', '"auth".revocation_last_heard', 'revocation_last_heard()', '', '', '3abe9849398724dc7f1446f144168eeb155aca97046732963f2377fff4731606'),
    (76, 'function', '"auth".revocation_acknowledge', 'revocation_acknowledge()', '', '', 'd9b890e0c51032a60bd8ab0f13a7fb51c85bd1a48423c9aba52095235ace172a'),
    (77, 'function', '"auth".acknowledge_revocations', 'acknowledge_revocations()', '', '', '1cab924b847ed60d2f49ed341dd63c5a81597480e91be3bdb086e9aa79340d1f'),
    (78, 'function', '"auth".revocation_patience', 'revocation_patience()', '', '', '6cacf63f792cd2d5edfe9dc162eb46dbb9d4a28e17541edc120712eca1de7e35'),
    (79, 'function', '"auth".await_revocations', 'await_revocations()', '', '', '41f0ce451b204b2d98c061ae5c18795e21e7612bdfe84ce7208181cab64b955d'),
    (80, 'function', '"auth".revocation_give_up', 'revocation_give_up()', '', '', '9b228f3ab96d6a43f3e510bb5aafd17953a97b201b35130980e22a1c95395fb6'),
    (81, 'function', '"auth".missing_revocation_triggers', 'missing_revocation_triggers()', '', '', '72935a748db6308b422f4baa015308913ae5799274dce706283f056e028f6b0d')
) AS one (place, kind, identity, name, relation, trigger_name, source);

DO $upgrade$
DECLARE
    kept interval;
BEGIN
    IF to_regprocedure('"auth".max_token_life()') IS NOT NULL
        AND to_regprocedure('"auth".token_margin()') IS NOT NULL THEN
        EXECUTE 'SELECT "auth".max_token_life()' INTO kept;
        UPDATE "auth".revocation_installation SET max_token_life = greatest(max_token_life, kept);
        DROP TRIGGER IF EXISTS revocation_user_changing ON "auth"."user";
        DROP FUNCTION IF EXISTS "auth".session_deleted(),
            "auth".session_shortened(),
            "auth".session_truncated(),
            "auth".user_changing(),
            "auth".user_changed(),
            "auth".user_deleted(),
            "auth".user_truncated(),
            "auth".password_changed(),
            "auth".last_heard(timestamptz, boolean),
            "auth".max_token_life(),
            "auth".token_margin();
    END IF;
    DROP FUNCTION IF EXISTS "auth".revocation_objects(), "auth".revocation_functions();
END $upgrade$;

DO $withdraw$
DECLARE
    one text;
BEGIN
    FOR one IN
        SELECT format('%s %I.%I', CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, 'auth', c.relname)
        FROM pg_class c
        WHERE c.relnamespace = to_regnamespace('"auth"') AND c.relkind IN ('r', 'S') AND c.relname LIKE 'revocation%'
        UNION ALL
        SELECT 'FUNCTION ' || o.identity FROM "auth".revocation_object o
        WHERE CASE o.kind WHEN 'function' THEN to_regproc(o.identity) IS NOT NULL END
    LOOP
        EXECUTE 'REVOKE ALL ON ' || one || ' FROM ' || 'PUBLIC, "api"';
    END LOOP;
END $withdraw$;

GRANT USAGE ON SCHEMA "auth" TO "api";

GRANT SELECT ON "auth".revocation TO "api";

GRANT EXECUTE ON FUNCTION "auth".revocation_page(text, integer),
    "auth".revocations_after(text, integer),
    "auth".acknowledge_revocations(uuid, text),
    "auth".missing_revocation_triggers(),
    "auth".revocation_origins() TO "api";
