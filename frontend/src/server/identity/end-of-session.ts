import { createLocalJWKSet, decodeJwt, jwtVerify } from "jose";
import type { AccessTokenClaims } from "#contract/claims.ts";
import type { EndReason } from "#contract/session-events.ts";
import { database } from "#server/database.ts";
import { env } from "#server/env.ts";
import { auth } from "#server/identity/server.ts";
import { log, summarize } from "#server/log.ts";

/** Why the session of an access token is over; nothing when that can't be told. Its holder is told, so it must be one
 * of ours, of whatever age. */
export async function endOfSession(token: string | undefined): Promise<EndReason | undefined> {
  if (!token) return undefined;
  try {
    const keys = createLocalJWKSet(await auth().api.getJwks());
    const { payload } = await jwtVerify<AccessTokenClaims>(token, keys, {
      issuer: env().BETTER_AUTH_URL,
      audience: env().JWT_AUDIENCE,
      currentDate: new Date((decodeJwt(token).iat ?? 0) * 1000),
    });
    return await reasonOf({ subject: payload.sub, since: payload.iat, expires: payload.exp });
  } catch (error) {
    log("warn", "end_of_session_not_told", { cause: summarize(error) });
    return undefined;
  }
}

/** Why a session is over that was alive at `since` and would have expired at `expires`, both in seconds. */
export async function reasonOf({
  subject,
  since,
  expires,
}: {
  subject: string;
  since: number;
  expires: number;
}): Promise<EndReason> {
  const { rows } = await database().query<Record<"suspended" | "passwordChanged", boolean>>(
    `SELECT banned IS TRUE AND ("banExpires" IS NULL OR "banExpires" > now()) AS suspended,
            EXISTS (SELECT FROM auth."auditEvent" WHERE "subjectId" = $1 AND "createdAt" >= to_timestamp($2)
                    AND type IN ('password_changed', 'password_reset'))
            -- The audit event comes after the sessions' end.
            OR EXISTS (SELECT FROM auth.account WHERE "userId" = $1 AND "providerId" = 'credential'
                       AND "updatedAt" > "createdAt" AND "updatedAt" >= to_timestamp($2)) AS "passwordChanged"
     FROM auth."user" WHERE id = $1`,
    [subject, since],
  );
  const [user] = rows;
  if (!user) return "deleted";
  if (user.suspended) return "suspended";
  // No token outlives its session: before this one's time is over, the session's was not either.
  if (expires * 1000 <= Date.now()) return "expired";
  return user.passwordChanged ? "password_changed" : "ended_elsewhere";
}
