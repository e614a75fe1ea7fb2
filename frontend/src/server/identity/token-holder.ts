import { AsyncLocalStorage } from "node:async_hooks";
import { APIError } from "better-auth/api";
import { problem } from "#server/http/problem.ts";
import type { ClientKind } from "#server/identity/client-kind.ts";

const holder = new AsyncLocalStorage<ClientKind>();

/** Runs a minting whose token goes to `kind`: for a browser, into its HttpOnly cookie and nowhere else. */
export const mintingFor = <T>(kind: ClientKind, work: () => Promise<T>): Promise<T> => holder.run(kind, work);

/** Refuses to mint a token that a browser's session would get in an answer. Stands where every token is made, so that no
 * endpoint has to be thought of.
 * @throws APIError */
export function assertMayHold(session: Record<string, unknown>): void {
  if (session["clientKind"] === "token" || holder.getStore() === "browser") return;
  throw new APIError("FORBIDDEN", problem("token_not_for_browsers"));
}
