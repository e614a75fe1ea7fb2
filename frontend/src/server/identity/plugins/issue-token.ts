import type { BetterAuthPlugin } from "better-auth";
import { APIError, createAuthMiddleware } from "better-auth/api";
import { type JwtOptions, signJWT } from "better-auth/plugins";
import { assertMayHold, timeOfIssue } from "better-auth-revocation/composition";
import { mintingFor } from "better-auth-revocation/server";
import { ConfigurationError, env } from "#server/env.ts";
import { defineClaims } from "#server/identity/claims.ts";
import { currentIssuing } from "#server/identity/issuing.ts";
import { signingKey } from "#server/identity/signing-key.ts";
import { rightsOf, rightsOfNewcomer } from "#server/revocation/token-state.ts";

const ID = "issue-token";

const PATHS = new Set(["/sign-up/email", "/sign-in/email"]);

const isIssued = ({ path }: { path?: string }) => PATHS.has(path ?? "") && currentIssuing() !== undefined;

/** Mints the access token of a sign-up or sign-in in the request that opens the session. All that is needed for it is
 * loaded before, so that nothing can go wrong between the commit and the answer. Stands after every plugin that may take
 * the session back, as one for a second factor does.
 * @param options those of the jwt plugin */
export const issueToken = (options: JwtOptions) =>
  ({
    id: ID,
    init: () => ({
      options: { databaseHooks: { session: { create: { before: ({ userId }) => loadRights(userId) } } } },
    }),
    hooks: {
      before: [
        {
          matcher: isIssued,
          handler: createAuthMiddleware(async (ctx) => {
            const issuing = currentIssuing();
            if (!issuing) return;
            if (issuing.form === "sign-up") issuing.rights = await rightsOfNewcomer();
            issuing.key = await signingKey(ctx, options);
          }),
        },
      ],
      after: [
        {
          matcher: isIssued,
          handler: createAuthMiddleware(async (ctx) => {
            const issuing = currentIssuing();
            const { newSession, returned } = ctx.context;
            // Without one the session is not open yet: a second factor is still to be proven.
            if (!issuing || !newSession || returned instanceof APIError) return;
            const { user, session } = newSession;
            const { key, rights, kind } = issuing;
            if (!key || !rights) throw new Error("the key and the rights were not loaded");
            const claims = await mintingFor(kind, async () => {
              assertMayHold(session);
              const subject = { ...user, role: rights.role ?? user["role"], tokenVersion: rights.version };
              const decided = issuing.idempotency?.reserved;
              const now = decided?.iat ?? (await timeOfIssue(rights));
              const defined = defineClaims(subject, session, { now, lifetime: env().ACCESS_TOKEN_LIFETIME });
              return { ...defined, jti: decided?.jti ?? defined.jti };
            });
            const payload = { ...claims, sub: user.id };
            issuing.issued = {
              user: { id: user.id, email: user.email, name: user.name },
              accessToken: await signJWT(ctx, { options, payload, resolvedKey: key }),
              expiresIn: claims.exp - claims.iat,
              sessionToken: session.token,
            };
          }),
        },
      ],
    },
  }) satisfies BetterAuthPlugin;

/** Only for sign-in: a new user is not visible outside the transaction that creates it. */
async function loadRights(userId: string): Promise<void> {
  const issuing = currentIssuing();
  if (issuing?.form === "sign-in") issuing.rights = await rightsOf(userId);
}

/** Refuses an order of plugins in which a token would be minted before all of them have had their say: hooks run in the
 * order of the plugins.
 * @throws ConfigurationError */
export function assertIssuedLast(plugins: readonly BetterAuthPlugin[]): void {
  const place = plugins.findIndex(({ id }) => id === ID);
  const later = plugins
    .slice(place + 1)
    .find(({ hooks }) => hooks?.after?.some(({ matcher }) => concerns(matcher)));
  if (later) {
    throw new ConfigurationError(
      `the plugin ${later.id} stands after ${ID} and would act on a sign-in that has its token already; put it before`,
    );
  }
}

type Matcher = NonNullable<NonNullable<BetterAuthPlugin["hooks"]>["after"]>[number]["matcher"];

const concerns = (matcher: Matcher) => [...PATHS].some((path) => matcher({ path } as Parameters<Matcher>[0]));
