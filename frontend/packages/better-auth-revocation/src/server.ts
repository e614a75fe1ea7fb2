import type { BetterAuthOptions } from "better-auth";
import type { BackendAuth } from "./backend-for-frontend/auth.ts";
import { type ClientAddress, withClientAddress } from "./backend-for-frontend/client-address.ts";
import { createApiProxy } from "./backend-for-frontend/handler.ts";
import { type BackendForFrontendOptions, backendSettings } from "./backend-for-frontend/options.ts";

export {
  type AccessToken,
  AccessTokenCookie,
  type SessionCookieNames,
} from "./backend-for-frontend/access-token-cookie.ts";
export type { BackendAuth } from "./backend-for-frontend/auth.ts";
export type { ClientAddress } from "./backend-for-frontend/client-address.ts";
export { type CookiePair, cookiePairs, readCookie } from "./backend-for-frontend/cookies.ts";
export { EXPECTED_SUBJECT, isMeantFor } from "./backend-for-frontend/expected-subject.ts";
export { type ApiCallOptions, type ApiProxy, createApiProxy } from "./backend-for-frontend/handler.ts";
export { holderOfMinting, mintingFor, type TokenHolder } from "./backend-for-frontend/minting-for.ts";
export type { BackendFailure, BackendForFrontendOptions } from "./backend-for-frontend/options.ts";
export type { BackendProblem } from "./backend-for-frontend/problems.ts";
export { isFromOwnPage } from "./backend-for-frontend/same-origin.ts";

export { type KeySetAuth, keySetHandler } from "./key-set-handler.ts";

type Handler = (request: Request) => Promise<Response>;

/** The backend-for-frontend for a server of plain requests and responses, such as Hono or Remix: to be called for
 * everything beneath `path`. It sends a browser's request to the API with the access token from its HttpOnly cookie, renews
 * that token in the same request, and streams both bodies.
 * @throws RevocationError for options that can't work */
export function backendForFrontend(auth: BackendAuth, options: BackendForFrontendOptions): Handler {
  const proxy = createApiProxy(auth, options);
  const { path, problem } = backendSettings(options);
  return async (request) => {
    const { pathname } = new URL(request.url);
    const segments = pathname.startsWith(`${path}/`) ? decoded(pathname.slice(path.length + 1)) : undefined;
    return segments ? proxy(request, segments) : problem("not_found");
  };
}

function decoded(path: string): string[] | undefined {
  try {
    return path.split("/").map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

/** Better Auth's handler, told the client's address where the plugin's `clientAddress` counts proxies. */
export function authHandler(auth: { handler: Handler; options: BetterAuthOptions }): Handler {
  const plugin = auth.options.plugins?.find(({ id }) => id === "revocation");
  const given = plugin?.options?.["clientAddress"] as ClientAddress | undefined;
  return (request) => auth.handler(withClientAddress(request, given));
}
