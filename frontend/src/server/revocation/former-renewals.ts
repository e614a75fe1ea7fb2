/** Before the package renewed tokens, this application did, and kept the renewals in a table of its own. Instances of the former
 * release may still read that table, so it is left alone. */
export const TAKE_OVER_RENEWALS_SQL = `
DO $$ BEGIN
    IF to_regclass('auth."tokenRenewal"') IS NOT NULL THEN
        INSERT INTO auth.revocation_renewal (jti, sid, successor, issued_at, expires_at, renewed_at)
            SELECT jti, '', successor, "issuedAt", "expiresAt", "issuedAt" FROM auth."tokenRenewal" WHERE "expiresAt" > now()
            ON CONFLICT DO NOTHING;
    END IF;
END $$`;
