import { identifier, queryRow, type Sql } from "../database/sql.ts";
import { VERSION } from "../sql/objects.ts";

/** What a session's tokens must say at this moment. */
export interface TokenState {
  version: number;
  role: string | null;
  banned: boolean;
  expiresAt: Date;
  /** The earliest `iat` of a new token that no revocation covers, in epoch seconds; 0: any. */
  issuableFrom: number;
}

/** Claims that are fixed before a token is minted. `iat` is in epoch seconds. */
export interface DecidedToken {
  jti: string;
  iat: number;
}

/** What is known of a token besides its session and version. */
export interface TokenStanding {
  /** By its id, or by its time of issue. */
  revoked: boolean;
  /** The token that it was renewed by. */
  successor: DecidedToken | undefined;
  /** Whether it was renewed so long ago that its use means that two hold it. */
  reused: boolean;
}

/** What became of a renewal: recorded, or not, because another one was first or the session has to wait. */
export interface Renewal {
  recorded: boolean;
  /** Seconds to wait; 0 without. */
  pause: number;
}

/** What a revocation names: a session, a subject below a version, a token, a client, or all issued before a moment. */
export interface Revocation {
  sid?: string;
  sub?: string;
  min_ver?: number;
  jti?: string;
  effective_at?: number;
  client_id?: string;
  iss?: string;
  issued_before?: number;
  expires_at: number;
}

/** A page of the feed, as the database gives it. Times in seconds since the epoch. */
export interface Page {
  cursor: string;
  reset: boolean;
  complete: boolean;
  expected: number;
  max_token_life: number;
  schema_version: number;
  channels: string[];
  /** What the identity provider's database is known by, the newest name first. */
  origins: string[];
  revocations: Revocation[];
}

type Row = Omit<Page, "revocations"> & {
  sids: string[];
  sid_expires: string[];
  subs: string[];
  sub_min_vers: string[];
  sub_expires: string[];
  others: string;
};

const PAGE = 4_000;

/** What is installed, as far as the identity provider needs it. */
export interface Readiness {
  /** Nothing where nothing is installed. */
  version: number | undefined;
  missing: string[];
  /** Seconds that a revocation is kept. */
  kept: number;
}

/** The plugin's statements, over what a migration has installed. */
export class Store {
  readonly #database: Sql;
  readonly #own: string;

  constructor(database: Sql, schema: string) {
    this.#database = database;
    this.#own = identifier(schema);
  }

  /** What a token of the user's session must say; nothing when the session is over. */
  async tokenState(sessionId: string, userId: string): Promise<TokenState | undefined> {
    const [row] = await this.#database.query<
      Record<"version" | "expires" | "issuable", string> & Pick<TokenState, "role" | "banned">
    >(
      `SELECT version::text, role, banned, extract(epoch FROM expires_at)::text AS expires,
              coalesce(${this.#own}.revocation_issuable_from($2), 0)::text AS issuable
       FROM ${this.#own}.revocation_token_state($1)`,
      [sessionId, userId],
    );
    if (!row) return undefined;
    const { version, role, banned, expires, issuable } = row;
    const expiresAt = new Date(Number(expires) * 1000);
    return { version: Number(version), role, banned, expiresAt, issuableFrom: Number(issuable) };
  }

  async tokenStanding(claims: {
    jti: string;
    sub: string;
    iss: string;
    iat: number;
  }): Promise<TokenStanding> {
    const { revoked, jti, iat, reused } = await queryRow<
      Pick<TokenStanding, "revoked" | "reused"> & Record<"jti" | "iat", string | null>
    >(
      this.#database,
      `SELECT revoked, successor AS jti, successor_issued_at::text AS iat, reused
       FROM ${this.#own}.revocation_token_standing($1, $2, $3, $4)`,
      [claims.jti, claims.sub, claims.iss, claims.iat],
    );
    return { revoked, reused, successor: jti === null ? undefined : { jti, iat: Number(iat) } };
  }

  /** Records that a token is renewed by `successor`, and revokes it from the end of its grace on. `until`: when no token of this
   * `jti` lives any more, in epoch seconds. */
  async renew(token: { jti: string; sid: string; until: number }, successor: DecidedToken): Promise<Renewal> {
    return queryRow<Renewal>(
      this.#database,
      `SELECT recorded, pause FROM ${this.#own}.revocation_renew($1, $2, to_timestamp($3), $4, to_timestamp($5))`,
      [token.jti, token.sid, token.until, successor.jti, successor.iat],
    );
  }

  /** Forgets the renewal of a token whose session has been ended over it. Of any number of calls at once, one gets true. */
  async forgetRenewal(jti: string): Promise<boolean> {
    const { forgotten } = await queryRow<{ forgotten: boolean }>(
      this.#database,
      `SELECT ${this.#own}.revocation_forget_renewal($1) AS forgotten`,
      [jti],
    );
    return forgotten;
  }

  /** Ends a user's sessions and revokes every token; returns the number of sessions. */
  async revokeUser(userId: string): Promise<number> {
    const { ended } = await queryRow<{ ended: number }>(
      this.#database,
      `SELECT ${this.#own}.revoke_user($1)::int AS ended`,
      [userId],
    );
    return ended;
  }

  /** Resolves to true once all that was committed before is in force with every reader, false when not all followed in
   * so many seconds. */
  async awaitInForce(seconds: number): Promise<boolean> {
    const { settled } = await queryRow<{ settled: boolean }>(
      this.#database,
      `SELECT ${this.#own}.await_revocations(make_interval(secs => $1)) AS settled`,
      [seconds],
    );
    return settled;
  }

  async readPage(after: string | undefined): Promise<Page> {
    const { sids, sid_expires, subs, sub_min_vers, sub_expires, others, ...page } = await queryRow<Row>(
      this.#database,
      `SELECT cursor, reset, complete, expected::int, max_token_life, version AS schema_version, channels, sids, subs,
              sid_expires::text[], sub_min_vers::text[], sub_expires::text[], others::text,
              ${this.#own}.revocation_origins() AS origins
       FROM ${this.#own}.revocation_page($1, $2)`,
      [after ?? null, PAGE],
    );
    return {
      ...page,
      revocations: [
        ...sids.map((sid, i) => ({ sid, expires_at: Number(sid_expires[i]) })),
        ...subs.map((sub, i) => ({
          sub,
          min_ver: Number(sub_min_vers[i]),
          expires_at: Number(sub_expires[i]),
        })),
        ...(JSON.parse(others) as Revocation[]),
      ],
    };
  }

  /** The triggers and functions that were dropped, disabled or altered since the migration. */
  async missingTriggers(): Promise<string[]> {
    const { missing } = await queryRow<{ missing: string[] }>(
      this.#database,
      `SELECT ARRAY(SELECT ${this.#own}.missing_revocation_triggers()) AS missing`,
    );
    return missing;
  }

  /** Acknowledges, for a listener, that all up to the cursor is in force there. */
  async acknowledge(credential: string, listener: string, cursor: string): Promise<void> {
    await this.#database.query(`SELECT ${this.#own}.revocation_acknowledge($1, $2, $3)`, [
      credential,
      listener,
      cursor,
    ]);
  }

  /** What this database is known by, the newest name first; renewed when it is a minute old. Resource servers compare it
   * with what the database of their revocations is known by. */
  async renewOrigins(): Promise<string[]> {
    const { origins } = await queryRow<{ origins: string[] }>(
      this.#database,
      `SELECT ${this.#own}.revocation_renew_origin() AS origins`,
    );
    return origins;
  }

  async readiness(): Promise<Readiness> {
    const there = await this.#database.query("SELECT WHERE to_regclass($1) IS NOT NULL", [
      `${this.#own}.revocation_installation`,
    ]);
    if (!there.length) return { version: undefined, missing: [], kept: 0 };
    return queryRow<Readiness>(
      this.#database,
      `SELECT version, extract(epoch FROM max_token_life)::float8 AS kept,
              ARRAY(SELECT ${this.#own}.missing_revocation_triggers()) AS missing
       FROM ${this.#own}.revocation_installation`,
    );
  }
}

/** Why tokens can't be issued over what is installed, as one line with the remedy; nothing when they can. */
export function faultOf({ version, missing, kept }: Readiness, lifetime: number): string | undefined {
  const remedy = "run `npx better-auth-revocation migrate`";
  if (version === undefined) return `the database is not prepared for revocation; ${remedy}`;
  if (version < VERSION)
    return `the database has version ${version} of the revocation objects, ${VERSION} is needed; ${remedy}`;
  if (missing.length) return `revocation objects are missing or altered (${missing.join(", ")}); ${remedy}`;
  if (kept < lifetime) return `\`lifetime\` is longer than the database keeps revocations; ${remedy}`;
  return undefined;
}
