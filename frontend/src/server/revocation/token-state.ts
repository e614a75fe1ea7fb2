import type { TokenState } from "better-auth-revocation/composition";
import { database } from "#server/database.ts";
import { SCHEMA } from "#server/revocation/install.ts";

/** What a user's first token must say. */
export type Rights = Pick<TokenState, "version" | "role" | "issuableFrom">;

/** Version and role of a user at one moment, before a session is opened. A right that is lost since has raised the version:
 * the token is revoked before it is sent.
 * @throws Error when there is no such user */
export async function rightsOf(userId: string): Promise<Rights> {
  const { rows } = await database().query<Rights>(
    `SELECT coalesce(v.version, 0) AS version, u.role,
            coalesce(${SCHEMA}.revocation_issuable_from(u.id::text), 0)::float8 AS "issuableFrom"
     FROM ${SCHEMA}."user" u
     LEFT JOIN ${SCHEMA}.revocation_version v ON v.user_id = u.id::text WHERE u.id::text = $1`,
    [userId],
  );
  const [rights] = rows;
  if (!rights) throw new Error("the user is gone");
  return rights;
}

/** The rights of a user who is being created: only a revocation of everybody's tokens can concern them. */
export async function rightsOfNewcomer(): Promise<Rights> {
  const { rows } = await database().query<Pick<Rights, "issuableFrom">>(
    `SELECT coalesce(${SCHEMA}.revocation_issuable_from(''), 0)::float8 AS "issuableFrom"`,
  );
  return { version: 0, role: null, issuableFrom: rows[0]?.issuableFrom ?? 0 };
}
