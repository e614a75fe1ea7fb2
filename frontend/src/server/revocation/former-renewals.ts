/** Before the package renewed tokens, this application did, and kept the renewals in a table of its own. */
export const TAKE_OVER_RENEWALS_SQL = `
DO $$ BEGIN
    IF to_regclass('auth."tokenRenewal"') IS NOT NULL THEN
        INSERT INTO auth.revocation_renewal (jti, sid, successor, issued_at, expires_at)
            SELECT jti, '', successor, "issuedAt", "expiresAt" FROM auth."tokenRenewal" ON CONFLICT DO NOTHING;
        DROP TABLE auth."tokenRenewal";
    END IF;
END $$`;
