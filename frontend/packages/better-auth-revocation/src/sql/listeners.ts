import { AS_OWNER, type Names } from "./names.ts";

/** Who follows the feed, and the wait of an answer until what it says is in force there. */
export const listeners = ({ schema }: Names): string => `
-- When a reader last acknowledged. While the database was down none could: earlier ones count as made at its start.
CREATE OR REPLACE FUNCTION ${schema}.revocation_last_heard(seen_at timestamptz, of_this_epoch boolean)
    RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN of_this_epoch THEN seen_at ELSE greatest(seen_at, pg_postmaster_start_time()) END
$$;

-- Acknowledges that all up to the cursor is in force with a reader. A cursor between pages, or of another epoch, counts for
-- nothing. A reader can acknowledge for those of its own credential only, of whom there can be 500.
-- Only a reader's first acknowledgement waits for the disk: one that a crash swallows makes it seem further behind than it is.
CREATE OR REPLACE FUNCTION ${schema}.revocation_acknowledge(of_credential text, listener uuid, cursor text)
    RETURNS void LANGUAGE plpgsql ${AS_OWNER} AS $$
DECLARE
    part text[] := string_to_array(cursor, '/');
    present text := ${schema}.revocation_epoch();
BEGIN
    IF cardinality(part) <> 2 OR part[1] <> present THEN
        RETURN;
    END IF;
    IF EXISTS (SELECT FROM ${schema}.revocation_listener WHERE credential = of_credential AND id = listener) THEN
        PERFORM set_config('synchronous_commit', 'off', true);
    ELSE
        -- Those who come at once are counted one after the other.
        PERFORM pg_advisory_xact_lock(hashtext('revocation listeners'));
        IF (SELECT count(*) FROM ${schema}.revocation_listener WHERE credential = of_credential) >= 500 THEN
            RETURN;
        END IF;
    END IF;
    INSERT INTO ${schema}.revocation_listener AS known (credential, id, epoch, upto)
        VALUES (of_credential, listener, present, part[2]::pg_snapshot)
        ON CONFLICT (credential, id) DO UPDATE
            SET epoch = present, upto = excluded.upto, seen_at = excluded.seen_at;
    DELETE FROM ${schema}.revocation_listener WHERE (credential, id) IN (
        SELECT credential, id FROM ${schema}.revocation_listener
        WHERE ${schema}.revocation_last_heard(seen_at, epoch = present) < now() - interval '1 minute'
        FOR UPDATE SKIP LOCKED
    );
    PERFORM ${schema}.revocation_renew_channels();
    PERFORM ${schema}.revocation_renew_origin();
END $$;

-- For readers with a connection of their own: their database role is the credential.
CREATE OR REPLACE FUNCTION ${schema}.acknowledge_revocations(listener uuid, cursor text) RETURNS void
    LANGUAGE sql ${AS_OWNER} AS $$
    SELECT ${schema}.revocation_acknowledge('role ' || session_user, listener, cursor)
$$;

-- How long an answer may wait for a listener. One that is new has half a second, until it has followed for five. After
-- three vain waits in a minute a credential's listeners have 50 ms, which is ten times what they need.
CREATE OR REPLACE FUNCTION ${schema}.revocation_patience(since timestamptz, delays integer) RETURNS interval
    LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN delays >= 3 THEN interval '50 milliseconds'
        WHEN since > clock_timestamp() - interval '5 seconds' THEN interval '500 milliseconds'
        ELSE interval '1 day'
    END
$$;

-- Returns true as soon as all that was committed before the call is in force with every reader, false when patience is
-- over; whoever has not followed by then is not waited for again before it acknowledges. A reader that did not for
-- 10 s (it does every 5 s) is gone. For use after COMMIT, in a transaction of its own at the level read committed.
CREATE OR REPLACE FUNCTION ${schema}.await_revocations(patience interval DEFAULT '2 seconds') RETURNS boolean
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    present text := ${schema}.revocation_epoch();
    target pg_snapshot := pg_current_snapshot();
    started timestamptz := clock_timestamp();
    late ${schema}.revocation_listener[] := '{}';
    behind ${schema}.revocation_listener[];
    allowed interval := current_setting('statement_timeout')::interval;
BEGIN
    IF allowed > interval '0' THEN
        -- Who would not hear of being late is waited for again and again.
        patience := least(patience, allowed * 0.8);
    END IF;
    LOOP
        -- ORDER BY and LIMIT keep to the index, however many rows there are.
        behind := ARRAY(
            SELECT l FROM ${schema}.revocation_listener l LEFT JOIN LATERAL (
                SELECT true AS found FROM ${schema}.revocation v
                WHERE v.xid >= pg_snapshot_xmin(l.upto)
                    AND pg_visible_in_snapshot(v.xid, target) AND NOT pg_visible_in_snapshot(v.xid, l.upto)
                ORDER BY v.xid, v.id LIMIT 1
            ) unseen ON l.epoch = present
            WHERE (l.epoch <> present OR unseen.found)
                AND ${schema}.revocation_last_heard(l.seen_at, l.epoch = present)
                    > clock_timestamp() - interval '10 seconds'
                AND NOT EXISTS (SELECT FROM unnest(late) x WHERE (x.credential, x.id) = (l.credential, l.id))
        );
        EXIT WHEN cardinality(behind) = 0;
        late := late || ARRAY(
            SELECT l::${schema}.revocation_listener FROM unnest(behind) l LEFT JOIN ${schema}.revocation_delay d
                ON d.credential = l.credential AND d.since > now() - interval '1 minute'
            WHERE clock_timestamp() >= started
                + least(patience, ${schema}.revocation_patience(l.since, coalesce(d.delays, 0)))
        );
        PERFORM pg_sleep(0.001);
    END LOOP;
    PERFORM ${schema}.revocation_give_up(late);
    RETURN cardinality(late) = 0;
END $$;

-- Forgets these listeners, and remembers whose they were.
CREATE OR REPLACE FUNCTION ${schema}.revocation_give_up(late ${schema}.revocation_listener[]) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF cardinality(late) = 0 THEN
        RETURN;
    END IF;
    DELETE FROM ${schema}.revocation_listener
        WHERE (credential, id) IN (SELECT l.credential, l.id FROM unnest(late) l);
    INSERT INTO ${schema}.revocation_delay AS known (credential, delays, since)
        SELECT DISTINCT l.credential, 1, now() FROM unnest(late) l ORDER BY l.credential
        ON CONFLICT (credential) DO UPDATE SET
            delays = CASE WHEN known.since > now() - interval '1 minute' THEN known.delays + 1 ELSE 1 END,
            since = CASE WHEN known.since > now() - interval '1 minute' THEN known.since ELSE now() END;
END $$;
`;
