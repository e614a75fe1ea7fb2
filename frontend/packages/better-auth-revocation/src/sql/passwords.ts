import { AS_OWNER, type Names } from "./names.ts";

/** A changed password ends everything that was had with the old one, whoever changes it, and whatever is on its way. */
export const passwords = ({ schema, user, account, verification, columns, ...names }: Names): string => {
  const { id, userId, password, passwordFingerprint: verified } = columns.account;
  const { value, passwordFingerprint: fingerprint } = columns.verification;
  const opening = `
-- verification, before the insert: what a password opens (a second factor that is pending, a trusted device) must not
-- come after that password's end either. Rows whose value is no user's id are Better Auth's counters and the like.
CREATE OR REPLACE FUNCTION ${schema}.revocation_verification_opening() RETURNS trigger
    LANGUAGE plpgsql ${AS_OWNER} AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM ${user} u WHERE u.${columns.user.id} = ${names.userId(`NEW.${value}`)}) THEN
        RETURN NEW;
    END IF;
    PERFORM ${schema}.revocation_take_lock(ARRAY[NEW.${value}]);
    IF NOT ${schema}.revocation_password_stands(NEW.${value}, NEW.${fingerprint}) THEN
        RAISE EXCEPTION 'revocation: the password has been changed since it was verified' USING ERRCODE = 'RV001';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER revocation_verification_opening BEFORE INSERT ON ${verification}
    FOR EACH ROW WHEN (NEW.${fingerprint} IS NOT NULL)
    EXECUTE FUNCTION ${schema}.revocation_verification_opening();
`;
  const changing = `
-- account, before the update: who gave the former password for a new one gave the one that is being replaced. The
-- fingerprint comes with the update and is not kept.
CREATE OR REPLACE FUNCTION ${schema}.revocation_password_changing() RETURNS trigger
    LANGUAGE plpgsql ${AS_OWNER} AS $$
BEGIN
    IF ${schema}.revocation_fingerprint(OLD.${password}) IS DISTINCT FROM NEW.${verified} THEN
        RAISE EXCEPTION 'revocation: the password has been changed since it was verified' USING ERRCODE = 'RV001';
    END IF;
    NEW.${verified} := NULL;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER revocation_password_changing BEFORE UPDATE ON ${account}
    FOR EACH ROW WHEN (NEW.${verified} IS NOT NULL)
    EXECUTE FUNCTION ${schema}.revocation_password_changing();
`;
  return `
-- Ends the sessions of these users, revokes their tokens, and voids what a password has opened but not finished: links
-- to reset it, pending second factors, trusted devices. Better Auth keeps these with the user's id for their value.
CREATE OR REPLACE FUNCTION ${schema}.revocation_void_password(users text[]) RETURNS void
    LANGUAGE plpgsql ${AS_OWNER} AS $$
BEGIN
    IF users = '{}' THEN
        RETURN;
    END IF;
    PERFORM ${schema}.revocation_raise(users);
    PERFORM ${schema}.revocation_end_sessions(users);
    DELETE FROM ${verification} WHERE ${value} = ANY (users);
END $$;

-- account, after the update.
CREATE OR REPLACE FUNCTION ${schema}.revocation_password_changed() RETURNS trigger
    LANGUAGE plpgsql ${AS_OWNER} AS $$
BEGIN
    PERFORM ${schema}.revocation_void_password(ARRAY(
        SELECT o.${userId}::text FROM after_update n JOIN before_update o ON o.${id} = n.${id}
        WHERE n.${password} IS DISTINCT FROM o.${password}
    ));
    RETURN NULL;
END $$;

-- account, after the deletion of one with a password. Users who are deleted themselves need no more.
CREATE OR REPLACE FUNCTION ${schema}.revocation_password_deleted() RETURNS trigger
    LANGUAGE plpgsql ${AS_OWNER} AS $$
BEGIN
    PERFORM ${schema}.revocation_void_password(ARRAY(
        SELECT g.${userId}::text FROM gone g JOIN ${user} u ON u.${columns.user.id} = g.${userId} WHERE g.${password} IS NOT NULL
    ));
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION ${schema}.revocation_passwords_truncated() RETURNS trigger
    LANGUAGE plpgsql ${AS_OWNER} AS $$
BEGIN
    PERFORM ${schema}.revocation_void_password(ARRAY(
        SELECT a.${userId}::text FROM ${account} a WHERE a.${password} IS NOT NULL
    ));
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER revocation_password_changed AFTER UPDATE ON ${account}
    REFERENCING OLD TABLE AS before_update NEW TABLE AS after_update
    FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.revocation_password_changed();
CREATE OR REPLACE TRIGGER revocation_password_deleted AFTER DELETE ON ${account}
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.revocation_password_deleted();
CREATE OR REPLACE TRIGGER revocation_passwords_truncated BEFORE TRUNCATE ON ${account}
    FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.revocation_passwords_truncated();
${verified ? changing : ""}${fingerprint ? opening : ""}`;
};
