import { identifier, literal } from "../database/sql.ts";
import type { AuthTables, Column } from "../names/model.ts";

/** What the SQL is written over: Better Auth's tables as they are, and the schema of our own objects. */
export interface Installation {
  /** Where our own objects are. */
  schema: string;
  tables: AuthTables;
  /** Seconds that the longest-lived token lives. */
  tokenLifetime: number;
}

/** Functions run as their owner, whoever fires the trigger, and find nothing by a caller's search path. */
export const AS_OWNER = "SECURITY DEFINER SET search_path = pg_catalog, pg_temp";

/** Names as they stand in SQL, quoted and qualified. The only place where they are made. */
export interface Names {
  /** The schema of our own objects. */
  schema: string;
  /** Better Auth's tables. */
  user: string;
  session: string;
  account: string;
  verification: string;
  /** Their columns. Those of the admin plugin may be absent. */
  columns: {
    user: { id: string; role?: string; banned?: string };
    session: { id: string; userId: string; expiresAt: string; passwordFingerprint?: string };
    account: { id: string; userId: string; password: string; passwordFingerprint?: string };
    verification: { value: string; passwordFingerprint?: string };
  };
  /** `session.expiresAt` of a row as a timestamptz. */
  expiresAt(row: string): string;
  /** Whether the user of a row is banned at the moment. */
  isBanned(row: string): string;
  /** A text as a session's id; NULL where it can't be one. */
  sessionId(text: string): string;
  /** A text as a user's id, for comparisons that use the index; NULL where it can't be one. */
  userId(text: string): string;
  /** An expression of type text[] as an array of the users' ids, for comparisons that use the index. */
  userIds(texts: string): string;
}

/** The names of an installation. */
export function namesOf({ schema, tables }: Installation): Names {
  const { user, session, account, verification } = tables;
  const table = (one: { schema: string; name: string }) =>
    `${identifier(one.schema)}.${identifier(one.name)}`;
  const { banned, banExpires } = user.columns;
  const names = <C extends string>(columns: { [Name in C]?: Column }) =>
    Object.fromEntries(
      Object.entries<Column | undefined>(columns).flatMap(([column, found]) =>
        found ? [[column, identifier(found.name)]] : [],
      ),
    ) as { [Name in C]: string };
  return {
    schema: identifier(schema),
    user: table(user),
    session: table(session),
    account: table(account),
    verification: table(verification),
    columns: {
      user: names(user.columns),
      session: names(session.columns),
      account: names(account.columns),
      verification: names(verification.columns),
    },
    expiresAt: (row) => instant(session.columns.expiresAt, row),
    isBanned: (row) => {
      if (!banned) return "false";
      const isSet = `${row}.${identifier(banned.name)} IS TRUE`;
      if (!banExpires) return `(${isSet})`;
      const column = `${row}.${identifier(banExpires.name)}`;
      return `(${isSet} AND (${column} IS NULL OR ${instant(banExpires, row)} > clock_timestamp()))`;
    },
    sessionId: (text) => fromText(session.columns.id, text),
    userId: (text) => fromText(user.columns.id, text),
    userIds: (texts) => (user.columns.id.type === "text" ? texts : `${texts}::${user.columns.id.type}[]`),
  };
}

/** A point in time; without a zone, as Prisma's and Drizzle's columns are, it is UTC. */
const instant = ({ name, type }: Column, row: string): string =>
  type === "timestamp without time zone"
    ? `(${row}.${identifier(name)} AT TIME ZONE 'UTC')`
    : `${row}.${identifier(name)}`;

/** Forms that every value of the type has, so that no other text reaches the cast. */
const FORMS: Record<string, string> = {
  uuid: "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$",
  smallint: "^[0-9]{1,4}$",
  integer: "^[0-9]{1,9}$",
  bigint: "^[0-9]{1,18}$",
};

function fromText({ type }: Column, text: string): string {
  const form = FORMS[type];
  return form ? `CASE WHEN ${text} ~ ${literal(form)} THEN ${text}::${type} END` : text;
}
