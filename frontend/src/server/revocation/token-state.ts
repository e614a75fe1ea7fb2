import { database } from "#server/database.ts";
import { NAMES } from "#server/revocation/install.ts";

/** What a token of a session is minted from. `expiresAt` is the session's. */
export type TokenState = { version: number; role: string | null; banned: boolean; expiresAt: Date };

/** Version and rights as they are at one moment, or nothing when the session is over. What was read with the session
 * may be older: a right that is lost in between must not get into a token of the new version. */
export async function tokenStateOf(sessionId: string): Promise<TokenState | undefined> {
  const { rows } = await database().query<TokenState>(
    `SELECT version, role, banned, expires_at AS "expiresAt" FROM ${NAMES.schema}.revocation_token_state($1)`,
    [sessionId],
  );
  return rows[0];
}

/** Version and role of a user at one moment, before a session is opened. A right that is lost since has raised the version:
 * the token is dead before it is sent.
 * @throws Error when there is no such user */
export async function rightsOf(userId: string): Promise<Pick<TokenState, "version" | "role">> {
  const { rows } = await database().query<Pick<TokenState, "version" | "role">>(
    `SELECT coalesce(v.version, 0) AS version, u.role FROM ${NAMES.user} u
     LEFT JOIN ${NAMES.schema}.revocation_version v ON v.user_id = u.id::text WHERE u.id::text = $1`,
    [userId],
  );
  const [rights] = rows;
  if (!rights) throw new Error("the user is gone");
  return rights;
}
