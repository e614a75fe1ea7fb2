import { literal } from "../database/sql.ts";
import { AS_OWNER, type Names } from "./names.ts";
import { rowAsJson } from "./versions.ts";

/** The feed: which access tokens are revoked before their `exp`, page by page. */
export const feed = ({ schema }: Names): string => `
-- Identifies one unbroken run of transaction ids. It differs after a restore, a fail-over or a crash: each can hand out
-- ids again that a reader believes finished (a crash discards all statistics, which changes stats_reset). Where a host
-- keeps the control file to itself, the moment of the server's start tells them apart.
CREATE OR REPLACE FUNCTION ${schema}.revocation_epoch() RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    cluster text;
BEGIN
    BEGIN
        SELECT concat_ws(',', s.system_identifier, c.timeline_id) INTO cluster
            FROM pg_control_system() s, pg_control_checkpoint() c;
    EXCEPTION WHEN OTHERS THEN
        cluster := '';
    END;
    RETURN (
        SELECT md5(concat_ws(
            ',', cluster, pg_postmaster_start_time(), b.stats_reset,
            (SELECT oid FROM pg_database WHERE datname = current_database())
        ))
        FROM pg_stat_bgwriter b
    );
END $$;

-- One page of the feed. Sessions and versions, of which there are many, come as arrays; the revocations of every other
-- kind, in others, as readers know them from notifications and over HTTP. A reader that is older than a kind sees that it
-- does not know it.
--
-- after is the cursor of the page before, NULL at first. reset: the cursor is not (or no longer) good; this page
-- begins the full set. complete: no page follows; the reader now has all that was committed when the first page of
-- this run was asked for. expected: with reset, roughly how many rows there are. channels: what to LISTEN to.
-- Cursors are opaque: <epoch>/<upto>, and between pages <epoch>/<upto>/<base>/<xid>/<id>.
--
-- A run returns what the snapshot upto sees and base did not. So a transaction that commits late is found, whatever
-- its place in a sequence.
CREATE OR REPLACE FUNCTION ${schema}.revocation_page(
    after text, page integer DEFAULT 4000,
    OUT cursor text, OUT reset boolean, OUT complete boolean, OUT max_token_life integer, OUT expected bigint,
    OUT sids text[], OUT sid_expires bigint[],
    OUT subs text[], OUT sub_min_vers bigint[], OUT sub_expires bigint[],
    OUT others json, OUT channels text[], OUT version integer
) LANGUAGE plpgsql STABLE ${AS_OWNER} AS $$
DECLARE
    epoch text := ${schema}.revocation_epoch();
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
    max_token_life := extract(epoch FROM ${schema}.revocation_token_life());
    expected := CASE WHEN reset THEN
        (SELECT greatest(reltuples, 0) FROM pg_class WHERE oid = ${literal(`${schema}.revocation`)}::regclass) ELSE 0 END;
    channels := ARRAY(SELECT c.name FROM ${schema}.revocation_channel c ORDER BY c.id);
    version := (SELECT i.version FROM ${schema}.revocation_installation i);

    -- The aggregates keep the order of r: their last elements are the place to go on from.
    SELECT
        count(*),
        coalesce(array_agg(r.sid) FILTER (WHERE r.sid IS NOT NULL), '{}'),
        coalesce(array_agg(r.expires) FILTER (WHERE r.sid IS NOT NULL), '{}'),
        coalesce(array_agg(r.sub) FILTER (WHERE r.min_ver IS NOT NULL), '{}'),
        coalesce(array_agg(r.min_ver) FILTER (WHERE r.min_ver IS NOT NULL), '{}'),
        coalesce(array_agg(r.expires) FILTER (WHERE r.min_ver IS NOT NULL), '{}'),
        coalesce(json_agg(${rowAsJson("r")}) FILTER (WHERE r.sid IS NULL AND r.min_ver IS NULL), '[]'),
        coalesce((array_agg(r.xid))[count(*)], last_xid),
        coalesce((array_agg(r.id))[count(*)], last_id)
    INTO rows_found, sids, sid_expires, subs, sub_min_vers, sub_expires, others, last_xid, last_id
    FROM (
        SELECT v.*, ceil(extract(epoch FROM v.expires_at))::bigint AS expires
        FROM ${schema}.revocation v
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

-- The same for readers of version 2, which know sessions and versions alone. They must not go on without the rest.
CREATE OR REPLACE FUNCTION ${schema}.revocations_after(
    after text, page integer DEFAULT 4000,
    OUT cursor text, OUT reset boolean, OUT complete boolean, OUT max_token_life integer, OUT expected bigint,
    OUT sids text[], OUT sid_expires bigint[],
    OUT subs text[], OUT sub_min_vers bigint[], OUT sub_expires bigint[],
    OUT channels text[], OUT version integer
) LANGUAGE plpgsql STABLE ${AS_OWNER} AS $$
DECLARE
    others json;
BEGIN
    SELECT p.* INTO cursor, reset, complete, max_token_life, expected,
        sids, sid_expires, subs, sub_min_vers, sub_expires, others, channels, version
    FROM ${schema}.revocation_page(after, page) p;
    IF json_array_length(others) > 0 THEN
        RAISE EXCEPTION 'revocation: this reader does not know every kind of revocation that there is' USING
            ERRCODE = 'RV004', HINT = 'Install a newer version of the library on the resource server.';
    END IF;
END $$;

-- What this database is known by: the newest name first, and those of the minutes before.
CREATE OR REPLACE FUNCTION ${schema}.revocation_origins() RETURNS text[]
    LANGUAGE sql STABLE ${AS_OWNER} AS $$
    SELECT ARRAY(SELECT nonce FROM ${schema}.revocation_origin ORDER BY id DESC LIMIT 4)
$$;

-- A new name every minute. Readers renew it and the identity provider does, so that neither a copy nor its original keeps
-- the names that both have.
CREATE OR REPLACE FUNCTION ${schema}.revocation_renew_origin() RETURNS text[]
    LANGUAGE plpgsql ${AS_OWNER} AS $$
BEGIN
    IF (SELECT max(created_at) FROM ${schema}.revocation_origin) <= now() - interval '1 minute'
        AND pg_try_advisory_xact_lock(hashtext('revocation origin'))
    THEN
        INSERT INTO ${schema}.revocation_origin (nonce)
            SELECT replace(gen_random_uuid()::text, '-', '')
            WHERE (SELECT max(created_at) FROM ${schema}.revocation_origin) <= now() - interval '1 minute';
        DELETE FROM ${schema}.revocation_origin WHERE id NOT IN (
            SELECT id FROM ${schema}.revocation_origin ORDER BY id DESC LIMIT 4
        );
    END IF;
    RETURN ${schema}.revocation_origins();
END $$;

-- A new channel every hour. The younger of the two has been known to the readers for as long, and is in use from now on.
CREATE OR REPLACE FUNCTION ${schema}.revocation_renew_channels() RETURNS void
    LANGUAGE plpgsql ${AS_OWNER} AS $$
DECLARE
    oldest bigint;
BEGIN
    IF (SELECT max(created_at) FROM ${schema}.revocation_channel) > now() - interval '1 hour' THEN
        RETURN;
    END IF;
    SELECT id INTO oldest FROM ${schema}.revocation_channel ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF (SELECT max(created_at) FROM ${schema}.revocation_channel) > now() - interval '1 hour' THEN
        RETURN;
    END IF;
    DELETE FROM ${schema}.revocation_channel WHERE id = oldest;
    IF FOUND THEN
        INSERT INTO ${schema}.revocation_channel DEFAULT VALUES;
    END IF;
END $$;
`;
