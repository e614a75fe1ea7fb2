import { BASE_ERROR_CODES } from "@better-auth/core/error";
import type { AuthContext } from "better-auth";
import { APIError } from "better-auth/api";
import { REVOCATION_ERROR_CODES as CODES } from "./error-codes.ts";

/** How deep adapters wrap the database's errors. */
const DEPTH = 5;

/** The SQLSTATE by which our triggers refuse a row; adapters wrap it, as `cause` or `meta`. */
function sqlStateIn(error: unknown, depth = DEPTH): string | undefined {
  if (typeof error !== "object" || error === null || depth === 0) return undefined;
  const { code, cause, meta, originalCode } = error as Record<string, unknown>;
  const own = [code, originalCode].find((one) => typeof one === "string" && /^RV\d{3}$/.test(one));
  return own === undefined ? (sqlStateIn(cause, depth - 1) ?? sqlStateIn(meta, depth - 1)) : String(own);
}

/** Lets `adapter` say why the database has refused a row, rather than that something failed: what was verified is not so any
 * more. The object stays the same one, by which Better Auth knows its check of the schema. */
export function explainRefusals(adapter: AuthContext["adapter"]): void {
  const { create, update, updateMany } = adapter;
  adapter.create = ((row) => create(row).catch(explain)) as typeof create;
  adapter.update = ((change) => update(change).catch(explain)) as typeof update;
  adapter.updateMany = (change) => updateMany(change).catch(explain);
}

function explain(error: unknown): never {
  const state = sqlStateIn(error);
  if (state === "RV001") throw APIError.from("UNAUTHORIZED", BASE_ERROR_CODES.INVALID_EMAIL_OR_PASSWORD);
  if (state === "RV002") throw APIError.from("FORBIDDEN", CODES.ACCOUNT_BANNED);
  throw error;
}
