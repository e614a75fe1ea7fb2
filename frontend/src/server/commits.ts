import { DatabaseError, type PoolClient } from "pg";
import { noteCommit, noteFailure } from "#server/http/request-scope.ts";

/** Tables that count or record what was asked, and are no part of it. */
const ASIDE =
  /^\s*(insert into|update|delete from)\s+("?auth"?\.)?"?(throttle|rateLimit|auditEvent|idempotencyKey)\b/i;

/** Functions of the revocation package write too. */
const WRITES = /^\s*(insert|update|delete|merge|with)\b|\.(revoke_\w+|revocation_renew)\(/i;

/** Notes what becomes of the statements on this connection for the request that sends them: that something was committed, or
 * may have been, because the connection broke; and that a statement failed, which Better Auth does not always tell. */
export function noteOutcomes(client: PoolClient): void {
  let open = false;
  const query = client.query.bind(client) as (...sent: unknown[]) => unknown;
  const watched = (...sent: unknown[]) => {
    const text = textOf(sent[0]);
    if (/^\s*(begin|start transaction)\b/i.test(text)) open = true;
    const ends = /^\s*(commit|rollback)\b/i.exec(text)?.[1]?.toLowerCase();
    const isAside = ASIDE.test(text);
    const commits = ends === "commit" || (!open && WRITES.test(text) && !isAside);
    if (ends) open = false;
    const note = (error: unknown) => {
      if (commits && !isRefusal(error)) noteCommit();
      if (error instanceof Error && !isAside && !isAnswer(error)) noteFailure(error);
    };
    const last = sent.at(-1);
    if (typeof last !== "function") return noting(query(...sent), note);
    return query(...sent.slice(0, -1), (error: unknown, ...rest: unknown[]) => {
      note(error ?? undefined);
      last(error, ...rest);
    });
  };
  client.query = watched as typeof client.query;
}

const textOf = (statement: unknown): string =>
  typeof statement === "string" ? statement : String((statement as { text?: unknown } | null)?.text ?? "");

function noting(result: unknown, note: (error: unknown) => void): unknown {
  if (!(result instanceof Promise)) return result;
  return result.then(
    (value) => {
      note(undefined);
      return value;
    },
    (error) => {
      note(error);
      throw error;
    },
  );
}

/** Whether the server itself says that the statement failed. One that ends the connection leaves that open: it may do so
 * after the commit, as a server does that is shut down while it waits for a standby. */
const isRefusal = (error: unknown): boolean =>
  error instanceof DatabaseError && !/^(08|57P|40003)/.test(String(error.code));

/** Whether the statement failed over what it was given: a constraint (class 23), a value that can't be (22), or a trigger
 * that refuses it (P0, RV). The caller deals with these; every other failure is an outage. */
const isAnswer = (error: Error): boolean =>
  error instanceof DatabaseError && /^(22|23|P0|RV)/.test(String(error.code));
