import type { Names } from "./names.ts";

/** Renewal of tokens: which token replaced which, and whether a replaced one is used again. */
export const renewals = ({ schema }: Names): string => `
-- How long a renewed token is still accepted. Renewed again within it, it gives the same new token.
CREATE OR REPLACE FUNCTION ${schema}.revocation_renewal_grace() RETURNS interval
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT interval '1 minute' $$;

-- What is known of a token besides its session and version: whether it is revoked by what it is; the id and time of issue, in
-- epoch seconds, of the token that it was renewed by; whether that was so long ago that its use means that two hold it.
CREATE OR REPLACE FUNCTION ${schema}.revocation_token_standing(
    token_id text, subject text, issuer text, issued bigint,
    OUT revoked boolean, OUT successor text, OUT successor_issued_at bigint, OUT reused boolean
) LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT ${schema}.revocation_names(token_id, NULL, subject, issuer, issued), r.successor,
        extract(epoch FROM r.issued_at)::bigint,
        coalesce(r.renewed_at + ${schema}.revocation_renewal_grace() <= clock_timestamp(), false)
    FROM (VALUES (token_id)) AS one (jti) LEFT JOIN ${schema}.revocation_renewal r ON r.jti = one.jti
$$;

-- Records that a token was renewed by another, and revokes it from the end of its grace on. recorded: false when another call
-- was first, or when the session has to wait: pause, in seconds. Each renewal leaves a revocation that lives as long as a
-- token, and every resource server holds it. So once ten are kept of a session, it waits after each, the longer the more they
-- are: a minute, doubling up to an hour.
CREATE OR REPLACE FUNCTION ${schema}.revocation_renew(
    token_id text, session_id text, until timestamptz, successor_id text, issued timestamptz,
    OUT recorded boolean, OUT pause integer
) LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    renewed timestamptz;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('revocation renewal ' || session_id, 0));
    recorded := false;
    pause := 0;
    IF EXISTS (SELECT FROM ${schema}.revocation_renewal WHERE jti = token_id) THEN
        RETURN;
    END IF;
    SELECT ceil(extract(epoch FROM
            max(r.renewed_at) + make_interval(secs => least(60 * 2 ^ least(count(*) - 10, 6), 3600)) - clock_timestamp()
        ))::integer
    INTO pause
    FROM ${schema}.revocation_renewal r
    WHERE r.sid = session_id AND r.expires_at > clock_timestamp()
    HAVING count(*) >= 10;
    pause := greatest(pause, 0);
    IF pause > 0 THEN
        RETURN;
    END IF;
    INSERT INTO ${schema}.revocation_renewal (jti, sid, successor, issued_at, expires_at)
        VALUES (token_id, session_id, successor_id, issued, until) RETURNING renewed_at INTO renewed;
    PERFORM ${schema}.revoke_token(token_id, renewed + ${schema}.revocation_renewal_grace(), until);
    DELETE FROM ${schema}.revocation_renewal WHERE jti IN (
        SELECT jti FROM ${schema}.revocation_renewal WHERE expires_at < now() LIMIT 10 FOR UPDATE SKIP LOCKED
    );
    recorded := true;
END $$;

-- Forgets a renewal once the session has been ended over it. Of any number of calls at once, one returns true.
CREATE OR REPLACE FUNCTION ${schema}.revocation_forget_renewal(token_id text) RETURNS boolean
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    DELETE FROM ${schema}.revocation_renewal WHERE jti = token_id;
    RETURN FOUND;
END $$;
`;
