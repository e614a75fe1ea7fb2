import type { Names } from "./names.ts";

/** Revocations that no change of Better Auth's tables stands for: of a token, of a client, by the time of issue. */
export const kinds = ({ schema }: Names): string => `
-- Revokes one token by its jti, at once or from a moment on. until: its exp; unknown, the row is kept for as long as any
-- token lives.
CREATE OR REPLACE FUNCTION ${schema}.revoke_token(
    token_id text, effective_at timestamptz DEFAULT NULL, until timestamptz DEFAULT NULL
) RETURNS void LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO ${schema}.revocation (jti, effective_at, expires_at) VALUES (
        token_id, effective_at,
        least(until + ${schema}.revocation_margin(), now() + ${schema}.revocation_token_life())
    )
$$;

-- Whether a token is revoked at the moment by what it is, apart from its session and version. What it lacks is NULL.
CREATE OR REPLACE FUNCTION ${schema}.revocation_names(
    token_id text, client text, subject text, issuer text, issued_at bigint
) RETURNS boolean LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM ${schema}.revocation v
        WHERE v.sid IS NULL AND v.min_ver IS NULL AND v.expires_at > now()
            AND coalesce(v.jti, v.client_id, v.sub, v.iss) = ANY (ARRAY[token_id, client, subject, issuer])
            AND (
                (v.jti = token_id AND coalesce(v.effective_at, '-infinity') <= now())
                OR v.client_id = client
                OR ((v.sub = subject OR v.iss = issuer) AND issued_at < v.issued_before)
            )
    )
$$;

-- Revokes every token of a client. Those that it is issued later are refused too, for as long as a token lives: a client
-- whose credential has leaked gets another id.
CREATE OR REPLACE FUNCTION ${schema}.revoke_client(client text) RETURNS void
    LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO ${schema}.revocation (client_id, expires_at) VALUES (client, now() + ${schema}.revocation_token_life())
$$;

-- Revokes every token of a subject, or of an issuer, that was issued before a moment. Sessions live on. An iat is in whole
-- seconds: tokens of the moment's own second are revoked with the earlier ones.
CREATE OR REPLACE FUNCTION ${schema}.revoke_issued_before(
    moment timestamptz, subject text DEFAULT NULL, issuer text DEFAULT NULL
) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF moment > clock_timestamp() + interval '1 second' THEN
        RAISE EXCEPTION 'revocation: the moment has not come yet' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    INSERT INTO ${schema}.revocation (sub, iss, issued_before, expires_at) VALUES (
        subject, issuer, ceil(extract(epoch FROM moment)), moment + ${schema}.revocation_token_life()
    );
END $$;

-- The earliest iat that a new token of the subject can have: one before is revoked by the time of issue, of this subject's
-- tokens or of an issuer's. It can be up to two seconds ahead. NULL: none is revoked so.
CREATE OR REPLACE FUNCTION ${schema}.revocation_issuable_from(subject text) RETURNS bigint
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT greatest(
        (SELECT max(v.issued_before) FROM ${schema}.revocation v
            WHERE coalesce(v.sub, '') = subject AND v.issued_before IS NOT NULL),
        (SELECT max(v.issued_before) FROM ${schema}.revocation v
            WHERE coalesce(v.sub, '') = '' AND v.issued_before IS NOT NULL)
    )
$$;
`;
