import type { AuthContext, BetterAuthPlugin } from "better-auth";
import type { JwtOptions } from "better-auth/plugins";
import { addressHeader, COUNTED_ADDRESS } from "../backend-for-frontend/client-address.ts";
import { administrationEndpoints } from "./administration.ts";
import { acceptAccessToken, byTokenAlone, refuseUnproved, withoutCookies } from "./bearer.ts";
import { plainRequest } from "./client-kind.ts";
import { REVOCATION_ERROR_CODES } from "./error-codes.ts";
import { feedEndpoint } from "./feed.ts";
import { describeKeySet } from "./key-set.ts";
import type { RevocableJwtOptions } from "./options.ts";
import {
  fingerprintSchema,
  keepFingerprints,
  newSessionOnNewPassword,
  passwordHooks,
  rememberingPassword,
} from "./password.ts";
import { explainRefusals } from "./refusal.ts";
import { RENEWAL_PATH, renewalEndpoint } from "./renewal.ts";
import { revocationEndpoint } from "./revocation-endpoint.ts";
import type { Runtime } from "./runtime.ts";
import { assertSafe, isBuild, warningsOf } from "./safety.ts";
import { sessionEndpoints } from "./sessions.ts";
import { keySchema } from "./signing-keys.ts";
import { reportStart } from "./start-report.ts";

/** The plugin that adds renewal and revocation to jwt(): endpoints, hooks, and a check of the database at start.
 * @param tokens the options of jwt() */
export const revocation = (runtime: Runtime, options: RevocableJwtOptions, tokens: JwtOptions) => {
  return {
    id: "revocation",
    options,
    $ERROR_CODES: REVOCATION_ERROR_CODES,
    schema: { ...fingerprintSchema, ...keySchema },
    init: (ctx) => {
      assertSafe(ctx);
      runtime.start(ctx);
      for (const warning of warningsOf(ctx)) ctx.logger.warn(`[revocation] ${warning}`);
      explainRefusals(ctx.adapter);
      if (!isBuild()) void reportStart(runtime, ctx);
      const { clientAddress } = runtime.settings;
      return {
        context: {
          password: rememberingPassword(ctx.password),
          skipOriginCheck: ctx.skipOriginCheck === true || [...(ctx.skipOriginCheck || []), RENEWAL_PATH],
          // Who follows the feed asks again after each revocation, and has a credential.
          rateLimit: {
            ...ctx.rateLimit,
            customRules: { "/revocations": false, ...ctx.rateLimit.customRules },
          },
        },
        options: {
          databaseHooks: passwordHooks,
          ...(clientAddress !== undefined && {
            advanced: { ipAddress: { ipAddressHeaders: [addressHeader(clientAddress)] } },
          }),
        },
      };
    },
    onRequest: async (request, ctx) =>
      requireCountedAddress(runtime, request, ctx) ?? { request: plainRequest(byTokenAlone(request)) },
    endpoints: {
      ...feedEndpoint(runtime),
      ...revocationEndpoint(runtime),
      ...renewalEndpoint(runtime, tokens),
      ...sessionEndpoints(),
      ...administrationEndpoints(runtime),
    },
    hooks: {
      before: [acceptAccessToken(runtime), refuseUnproved, newSessionOnNewPassword],
      after: [describeKeySet(runtime), keepFingerprints, withoutCookies],
    },
    rateLimit: [
      { pathMatcher: (path) => path === "/revocation/revoke" || path === RENEWAL_PATH, window: 10, max: 30 },
    ],
  } satisfies BetterAuthPlugin;
};

/** Rate limits by hops know no client unless the request came by `authRoutes` or `authHandler`. */
function requireCountedAddress({ settings }: Runtime, { headers }: Request, ctx: AuthContext) {
  const { clientAddress } = settings;
  const counts = typeof clientAddress === "object" && "hops" in clientAddress;
  if (!counts || !ctx.rateLimit.enabled || headers.has(COUNTED_ADDRESS)) return undefined;
  ctx.logger.error(
    "[revocation] `clientAddress: { hops }` needs the routes of Better Auth to be authRoutes(auth) of better-auth-revocation/next, or authHandler(auth) of /server",
  );
  return {
    response: Response.json(REVOCATION_ERROR_CODES.CLIENT_ADDRESS_UNKNOWN, {
      status: 503,
      headers: { "Cache-Control": "no-store", "Retry-After": "60" },
    }),
  };
}
