import type { Names } from "./names.ts";

/** What a revocation names: one thing, and with it what belongs to that. Readers turn long names away. */
export const KIND = `CONSTRAINT revocation_kind CHECK (
        num_nonnulls(sid, sub, jti, client_id, iss) = 1
        AND num_nonnulls(min_ver, issued_before) = num_nonnulls(sub, iss)
        AND (min_ver IS NULL OR sub IS NOT NULL)
        AND (effective_at IS NULL OR jti IS NOT NULL AND effective_at BETWEEN '2000-01-01' AND '2100-01-01')
        AND issued_before BETWEEN 0 AND 4294967295
        AND octet_length(coalesce(jti, client_id, iss)) <= 400
    )`;

/** The tables. Each statement leaves alone what is right already. */
export const tables = ({ schema }: Names): string => `
CREATE TABLE IF NOT EXISTS ${schema}.revocation (
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
    ${KIND},
    CONSTRAINT revocation_finite CHECK (expires_at BETWEEN '2000-01-01' AND '2100-01-01')
);
COMMENT ON TABLE ${schema}.revocation IS
    'A token is revoked when its sid, jti (from effective_at on) or client_id is here, when its ver is below min_ver for its sub, or when its iat, in epoch seconds, is below issued_before for its sub or iss.';
CREATE INDEX IF NOT EXISTS revocation_feed ON ${schema}.revocation (xid, id);
CREATE INDEX IF NOT EXISTS revocation_others ON ${schema}.revocation (coalesce(jti, client_id, sub, iss))
    WHERE sid IS NULL AND min_ver IS NULL;
CREATE INDEX IF NOT EXISTS revocation_issued ON ${schema}.revocation (coalesce(sub, ''), issued_before)
    WHERE issued_before IS NOT NULL;
CREATE INDEX IF NOT EXISTS revocation_expiry ON ${schema}.revocation (expires_at);

-- What is installed: the version that readers need, how long a revocation is kept, whether the schema was made too.
CREATE TABLE IF NOT EXISTS ${schema}.revocation_installation (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    version integer NOT NULL,
    max_token_life interval NOT NULL,
    made_schema boolean NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE IF NOT EXISTS ${schema}.revocation_object (
    identity text PRIMARY KEY,
    place integer NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    relation text NOT NULL,
    trigger_name text NOT NULL,
    source text NOT NULL,
    definition text NOT NULL
);
COMMENT ON TABLE ${schema}.revocation_object IS
    'The objects as they were installed: a digest of the statement that made each, and of what the catalog said then.';

-- The token version of each user for whom it was ever raised; 0 for the others. A deleted user's stays: ids can come back.
CREATE TABLE IF NOT EXISTS ${schema}.revocation_version (
    user_id text PRIMARY KEY,
    version bigint NOT NULL CHECK (version BETWEEN 0 AND 9007199254740991)
);

-- One row a user. Whoever opens a session and whoever ends them all writes it, so that one waits for the other, and a
-- transaction of a stricter isolation level that has not seen the other fails.
CREATE TABLE IF NOT EXISTS ${schema}.revocation_lock (
    user_id text PRIMARY KEY,
    taken bigint NOT NULL DEFAULT 1
) WITH (fillfactor = 70);

-- By which token each was renewed, and when. Kept until the renewed token would have expired, so that its use is noticed.
-- issued_at is the successor's, by the identity provider's clock; renewed_at is by the database's.
CREATE TABLE IF NOT EXISTS ${schema}.revocation_renewal (
    jti text PRIMARY KEY,
    sid text NOT NULL,
    successor text NOT NULL,
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    renewed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX IF NOT EXISTS revocation_renewal_session ON ${schema}.revocation_renewal (sid);
CREATE INDEX IF NOT EXISTS revocation_renewal_expiry ON ${schema}.revocation_renewal (expires_at);

-- The names of the channels that readers listen to. The older one is in use, the younger one is known to all by then.
CREATE TABLE IF NOT EXISTS ${schema}.revocation_channel (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL DEFAULT 'revocation_' || replace(gen_random_uuid()::text, '-', ''),
    created_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO ${schema}.revocation_channel SELECT FROM generate_series(1, 2)
    WHERE NOT EXISTS (SELECT FROM ${schema}.revocation_channel);

-- Which database this is. Readers compare it with what the identity provider names; renewed, so that it tells a copy from
-- its original.
CREATE TABLE IF NOT EXISTS ${schema}.revocation_origin (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    nonce text NOT NULL DEFAULT replace(gen_random_uuid()::text, '-', ''),
    created_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO ${schema}.revocation_origin SELECT WHERE NOT EXISTS (SELECT FROM ${schema}.revocation_origin);

-- Who follows the feed, under which credential, since when, and up to where it is in force there.
CREATE TABLE IF NOT EXISTS ${schema}.revocation_listener (
    credential text NOT NULL,
    id uuid NOT NULL,
    epoch text NOT NULL,
    upto pg_snapshot NOT NULL,
    since timestamptz NOT NULL DEFAULT clock_timestamp(),
    seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (credential, id)
);
-- How often in the last minute an answer has waited in vain for a credential's listeners.
CREATE TABLE IF NOT EXISTS ${schema}.revocation_delay (
    credential text PRIMARY KEY,
    delays integer NOT NULL,
    since timestamptz NOT NULL
);
`;
