import { tryGetCurrentAuthEndpointContext } from "@better-auth/core/context";
import { APIError } from "better-auth/api";
import { holderOfMinting } from "../backend-for-frontend/minting-for.ts";
import { REVOCATION_ERROR_CODES as CODES } from "./error-codes.ts";

/** Refuses to mint a token that a browser's session would get in an answer, where a script could read it. Stands where
 * every token is made, so that no endpoint has to be thought of.
 * @throws APIError */
export function assertMayHold(session: Record<string, unknown>): void {
  if (holderOfMinting() === "browser") return;
  // A session may have come to a browser after it was opened; a script can't keep this header from being sent.
  const isScript = tryGetCurrentAuthEndpointContext()?.request?.headers.has("sec-fetch-site");
  if (session["clientKind"] === "token" && !isScript) return;
  throw APIError.from("FORBIDDEN", CODES.TOKEN_NOT_FOR_BROWSERS);
}
