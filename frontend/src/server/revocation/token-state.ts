import type { TokenState } from "better-auth-revocation/composition";
import { database } from "#server/database.ts";
import { SCHEMA } from "#server/revocation/install.ts";
import { revocations } from "#server/revocation/store.ts";

/** Version and rights as they are at one moment, or nothing when the session is over. What was read with the session
 * may be older: a right that is lost in between must not get into a token of the new version. */
export const tokenStateOf = (sessionId: string): Promise<TokenState | undefined> =>
  revocations().store.tokenState(sessionId);

/** Version and role of a user at one moment, before a session is opened. A right that is lost since has raised the version:
 * the token is revoked before it is sent.
 * @throws Error when there is no such user */
export async function rightsOf(userId: string): Promise<Pick<TokenState, "version" | "role">> {
  const { rows } = await database().query<Pick<TokenState, "version" | "role">>(
    `SELECT coalesce(v.version, 0) AS version, u.role FROM ${SCHEMA}."user" u
     LEFT JOIN ${SCHEMA}.revocation_version v ON v.user_id = u.id::text WHERE u.id::text = $1`,
    [userId],
  );
  const [rights] = rows;
  if (!rights) throw new Error("the user is gone");
  return rights;
}
