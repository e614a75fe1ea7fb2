import { database } from "#server/database.ts";
import { SCHEMA } from "#server/revocation/install.ts";

/** The claims that are fixed before a token is minted. `iat` is in epoch seconds. */
export type DecidedToken = { jti: string; iat: number };

/** Seconds for which a renewed token is still accepted, and renewing it again returns the same new token. */
export const GRACE = 60;

/** The token that another one was renewed by; `over`: the other one is dead by now. */
export type Renewal = { successor: DecidedToken; over: boolean };

/** By what a token was renewed, or nothing. */
export async function renewalOf(jti: string): Promise<Renewal | undefined> {
  const { rows } = await database().query<{ successor: string; iat: number; over: boolean }>(
    `SELECT successor, extract(epoch FROM "issuedAt")::int AS iat,
            "issuedAt" + make_interval(secs => $2) <= clock_timestamp() AS over
     FROM auth."tokenRenewal" WHERE jti = $1`,
    [jti, GRACE],
  );
  const [row] = rows;
  return row && { successor: { jti: row.successor, iat: row.iat }, over: row.over };
}

/** Records that `token` (`exp` in epoch seconds) was renewed by `successor`, and revokes it from the end of its grace on.
 * Of any number at once, one is recorded.
 * @returns whether it was this one */
export async function recordRenewal(
  token: { jti: string; exp: number },
  successor: DecidedToken,
): Promise<boolean> {
  const { rowCount } = await database().query(
    `WITH renewed AS (
       INSERT INTO auth."tokenRenewal" (id, jti, successor, "issuedAt", "expiresAt")
       VALUES (gen_random_uuid()::text, $1, $2, to_timestamp($3), to_timestamp($4))
       ON CONFLICT (jti) DO NOTHING RETURNING *
     )
     SELECT ${SCHEMA}.revoke_token(jti, "issuedAt" + make_interval(secs => $5), "expiresAt") FROM renewed`,
    [token.jti, successor.jti, successor.iat, token.exp, GRACE],
  );
  if (rowCount) await forgetSome();
  return Boolean(rowCount);
}

/** Each new row removes up to a few whose tokens have expired, so that the table does not grow for good. */
const forgetSome = () =>
  database().query(
    `DELETE FROM auth."tokenRenewal" WHERE id IN (
       SELECT id FROM auth."tokenRenewal" WHERE "expiresAt" < now() LIMIT 10 FOR UPDATE SKIP LOCKED
     )`,
  );

/** The table behind it, for Better Auth's migrator. */
export const renewalSchema = {
  tokenRenewal: {
    fields: {
      jti: { type: "string", required: true, unique: true },
      successor: { type: "string", required: true },
      issuedAt: { type: "date", required: true },
      expiresAt: { type: "date", required: true, index: true },
    },
  },
} as const;
