import { APIError } from "better-auth/api";
import { holderOfMinting } from "better-auth-revocation/server";
import { problem } from "#server/http/problem.ts";

/** Refuses to mint a token that a browser's session would get in an answer. Stands where every token is made, so that no
 * endpoint has to be thought of.
 * @throws APIError */
export function assertMayHold(session: Record<string, unknown>): void {
  if (session["clientKind"] === "token" || holderOfMinting() === "browser") return;
  throw new APIError("FORBIDDEN", problem("token_not_for_browsers"));
}
