import { type BetterAuthOptions, betterAuth } from "better-auth";
import { admin } from "better-auth/plugins";
import { adminFields, revocableJwt } from "better-auth-revocation";
import { passwordPolicy as policy } from "#contract/password-policy.ts";
import { database } from "#server/database.ts";
import { type Env, env, SESSION_UPDATE_AGE } from "#server/env.ts";
import { problem } from "#server/http/problem.ts";
import { scopesOf } from "#server/identity/claims.ts";
import { cookiePrefix } from "#server/identity/cookies.ts";
import { hashPassword, verifyPassword } from "#server/identity/passwords.ts";
import { account } from "#server/identity/plugins/account.ts";
import { audit, recordReuse } from "#server/identity/plugins/audit.ts";
import { guessing } from "#server/identity/plugins/guessing.ts";
import { idempotency } from "#server/identity/plugins/idempotency.ts";
import { assertIssuedLast, issueToken } from "#server/identity/plugins/issue-token.ts";
import { meantFor } from "#server/identity/plugins/meant-for.ts";
import { passwordPolicy } from "#server/identity/plugins/password-policy.ts";
import { passwordReset } from "#server/identity/plugins/password-reset.ts";
import { sessionEnd } from "#server/identity/plugins/session-end.ts";
import { userAdmin } from "#server/identity/plugins/user-admin.ts";
import { rateRules } from "#server/identity/rate-rules.ts";
import { standingHandler } from "#server/identity/router.ts";
import { assertUserFields } from "#server/identity/user-fields.ts";
import { log, redact, summarize } from "#server/log.ts";
import { observeWait } from "#server/metrics/registry.ts";
import { SCHEMA } from "#server/revocation/install.ts";
import { SITE_NAME } from "#texts/site.ts";

/** The package's plugins: 30-day access tokens that can be revoked, and keys that outlive them. */
const revocable = (settings: Env) =>
  revocableJwt({
    audience: settings.JWT_AUDIENCE,
    issuer: settings.BETTER_AUTH_URL,
    scopes: ({ roles }) => scopesOf(roles),
    lifetime: settings.ACCESS_TOKEN_LIFETIME,
    algorithm: settings.JWT_ALGORITHM,
    keyGracePeriod: settings.JWKS_GRACE_PERIOD,
    schema: SCHEMA,
    // In development the API starts and stops as its code changes.
    resourceServers:
      settings.NODE_ENV === "production"
        ? [{ address: new URL("/readyz", settings.API_URL).href, credential: settings.API_MANAGEMENT_TOKEN }]
        : [],
    feedCredentials: () =>
      [settings.REVOCATION_FEED_TOKEN, settings.REVOCATION_FEED_TOKEN_PREVIOUS].filter(
        (credential) => credential !== undefined,
      ),
    onAwaited: observeWait,
    onTokenReused: recordReuse,
  });

/** Better Auth's migrator makes this column a bigint and then wonders about it. */
const OWN_COLUMN = /^Field lastRequest in table rateLimit has a different type/;

/** What `startup.ts` finds too, and names the variable and the remedy for. */
const FOUND_AT_START = /^\[revocation\] no token is issued: /;

/** Better Auth's own warnings, in this application's log, without what may identify a person. */
const logger = {
  level: "warn",
  log: (level, message, ...details) => {
    if (OWN_COLUMN.test(message) || FOUND_AT_START.test(message)) return;
    const cause = details.find((detail) => detail instanceof Error);
    log(level, "better_auth", { message: redact(message), cause: cause && summarize(cause) });
  },
} satisfies BetterAuthOptions["logger"];

/** Better Auth's configuration. */
export function authOptions(settings: Env) {
  const [tokens, ...others] = revocable(settings);
  return {
    appName: SITE_NAME,
    baseURL: settings.BETTER_AUTH_URL,
    basePath: "/api/auth",
    secret: settings.BETTER_AUTH_SECRET,
    trustedOrigins: settings.TRUSTED_ORIGINS,
    database: database(),
    emailAndPassword: {
      enabled: true,
      // The policy counts code points; these, UTF-16 units.
      minPasswordLength: policy.minLength,
      maxPasswordLength: 2 * policy.maxLength,
      password: { hash: hashPassword, verify: verifyPassword },
    },
    databaseHooks: {
      user: { create: { before: assertUserFields }, update: { before: assertUserFields } },
    },
    session: {
      expiresIn: settings.SESSION_LIFETIME,
      updateAge: SESSION_UPDATE_AGE,
      // With the cache on, a session that was ended would still mint tokens.
      cookieCache: { enabled: false },
    },
    rateLimit: rateRules(settings),
    advanced: {
      // Better Auth drops both checks wherever NODE_ENV is `test`.
      disableCSRFCheck: false,
      disableOriginCheck: false,
      database: {
        // Checked once at start instead, where it can stop the start.
        validateSchema: false,
        // The user comes with the session, in one query.
        joins: true,
      },
      ipAddress: { ipAddressHeaders: [settings.CLIENT_IP_HEADER] },
      // Better Auth's own option knows `__Secure-` only.
      useSecureCookies: false,
      cookiePrefix: cookiePrefix(settings.BETTER_AUTH_URL),
      defaultCookieAttributes: { secure: settings.BETTER_AUTH_URL.startsWith("https://") },
    },
    // Otherwise the router prints the error as it is, with whatever the database put into it.
    onAPIError: { throw: true },
    logger,
    plugins: [
      passwordPolicy(),
      guessing(),
      tokens,
      ...others,
      adminFields({ refusal: refuseFields }),
      sessionEnd({ longest: settings.SESSION_MAX_LIFETIME }),
      meantFor(),
      passwordReset(),
      account(async (headers) => {
        // The backend-for-frontend is built on this module.
        const { eraseAtApi } = await import("#server/backend-for-frontend/erase.ts");
        return eraseAtApi(headers);
      }),
      userAdmin(),
      audit(),
      admin(),
      idempotency(tokens.options),
      issueToken(tokens.options),
    ],
  } satisfies BetterAuthOptions;
}

function createAuth(settings: Env) {
  const options = authOptions(settings);
  assertIssuedLast(options.plugins);
  const built = betterAuth(options);
  return { ...built, handler: standingHandler(built) };
}

/** Refuses fields that no administrator may set. */
const refuseFields = (fields: string[], allowed: readonly string[]) =>
  problem("validation_failed", {
    errors: fields.map((field) => ({
      field: `data.${field}`,
      code: "not_allowed",
      message: `This field can't be set here. Use one of ${allowed.join(", ")}.`,
    })),
  });

export type Auth = ReturnType<typeof createAuth>;

let cached: Auth | undefined;

/** The identity provider. Built on first use, so that a build needs neither settings nor a database. */
export function auth(): Auth {
  cached ??= createAuth(env());
  return cached;
}
