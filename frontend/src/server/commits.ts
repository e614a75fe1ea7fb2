import { DatabaseError, type PoolClient } from "pg";
import { noteCommit } from "#server/http/request-scope.ts";

/** Tables that count or record what was asked, and are no part of it. */
const ASIDE =
  /^\s*(insert into|update|delete from)\s+("?auth"?\.)?"?(throttle|rateLimit|auditEvent|idempotencyKey)\b/i;

const WRITES = /^\s*(insert|update|delete|merge|with)\b/i;

/** Notes for the request that uses this connection when it has committed something, or when the connection broke so that
 * nobody can tell. */
export function noteCommits(client: PoolClient): void {
  let open = false;
  const query = client.query.bind(client) as (...sent: unknown[]) => unknown;
  const watched = (...sent: unknown[]) => {
    const text = textOf(sent[0]);
    if (/^\s*(begin|start transaction)\b/i.test(text)) open = true;
    const ends = /^\s*(commit|rollback)\b/i.exec(text)?.[1]?.toLowerCase();
    const commits = ends === "commit" || (!open && WRITES.test(text) && !ASIDE.test(text));
    if (ends) open = false;
    if (!commits) return query(...sent);
    const last = sent.at(-1);
    if (typeof last !== "function") return noting(query(...sent));
    return query(...sent.slice(0, -1), (error: unknown, ...rest: unknown[]) => {
      noteUnlessRefused(error);
      last(error, ...rest);
    });
  };
  client.query = watched as typeof client.query;
}

const textOf = (statement: unknown): string =>
  typeof statement === "string" ? statement : String((statement as { text?: unknown } | null)?.text ?? "");

function noting(result: unknown): unknown {
  if (!(result instanceof Promise)) return result;
  return result.then(
    (value) => {
      noteUnlessRefused(undefined);
      return value;
    },
    (error) => {
      noteUnlessRefused(error);
      throw error;
    },
  );
}

function noteUnlessRefused(error: unknown): void {
  if (!error || !isRefusal(error)) noteCommit();
}

/** Whether the server itself says that the statement failed. One that ends the connection leaves that open: it may do so
 * after the commit, as a server does that is shut down while it waits for a standby. */
const isRefusal = (error: unknown) =>
  error instanceof DatabaseError && !/^(08|57P|40003)/.test(String(error.code));
