import type { BetterAuthClientPlugin } from "better-auth/client";
import { EXPECTED_SUBJECT } from "./backend-for-frontend/expected-subject.ts";
import { REVOCATION_ERROR_CODES } from "./plugin/error-codes.ts";
import type { revocation } from "./plugin/revocation.ts";

export { EXPECTED_SUBJECT, REVOCATION_ERROR_CODES };

/** After these the caller's own session may be over. */
const ENDING = new Set(["/revocation/sessions/end", "/revocation/sessions/end-all"]);

/** The plugin's actions for Better Auth's client: `authClient.revocation.sessions()`, `.sessions.end({ id })`,
 * `.sessions.endOthers()`, `.sessions.endAll()` and, for administrators, `.revokeUser({ userId })`. For a client that holds
 * its tokens and sends them as `fetchOptions.auth`: `authClient.renew()`. */
export const revocationClient = () =>
  ({
    id: "revocation",
    $InferServerPlugin: {} as ReturnType<typeof revocation>,
    $ERROR_CODES: REVOCATION_ERROR_CODES,
    pathMethods: {
      "/renew": "POST",
      "/revocation/sessions": "GET",
      "/revocation/sessions/end-others": "POST",
      "/revocation/sessions/end-all": "POST",
    },
    atomListeners: [{ matcher: (path) => ENDING.has(path), signal: "$sessionSignal" }],
  }) satisfies BetterAuthClientPlugin;
