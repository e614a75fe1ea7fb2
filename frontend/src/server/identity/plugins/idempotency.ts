import { getCurrentAdapter } from "@better-auth/core/context";
import type { BetterAuthPlugin, GenericEndpointContext } from "better-auth";
import { generateId } from "better-auth";
import { APIError, createAuthMiddleware } from "better-auth/api";
import { setSessionCookie } from "better-auth/cookies";
import { type JwtOptions, signJWT } from "better-auth/plugins";
import type { ErrorCode } from "#contract/errors.ts";
import { env } from "#server/env.ts";
import { problem } from "#server/http/problem.ts";
import { defineClaims } from "#server/identity/claims.ts";
import {
  decide,
  type IdempotencyRecord,
  idempotencySchema,
  isForBody,
  recordOf,
  reserve,
} from "#server/identity/idempotency-records.ts";
import { currentIssuing, type Issuing } from "#server/identity/issuing.ts";
import { GUESSES } from "#server/identity/plugins/guessing.ts";
import { signingKey } from "#server/identity/signing-key.ts";
import { bucketOf } from "#server/identity/tag.ts";
import { clearTurns, takeTurn } from "#server/identity/throttle.ts";

type Status = ConstructorParameters<typeof APIError>[0];

const refuse = (status: Status, code: ErrorCode, headers?: HeadersInit) =>
  new APIError(status, problem(code), headers);

/** A sign-up that is repeated with the same `Idempotency-Key` gets the first answer once more, the same token included:
 * signed again, for whoever proves the password again. The key is taken before the password is hashed, and what became of
 * it is stored in the transaction of the account. Stands after the rate limit, so that nobody fills the table.
 * @param options those of the jwt plugin */
export const idempotency = (options: JwtOptions) =>
  ({
    id: "idempotency",
    schema: idempotencySchema,
    init: () => ({
      options: {
        databaseHooks: {
          session: {
            create: {
              before: async ({ userId }, ctx) => {
                const id = generateId(32);
                const record = recordOf(userId, id);
                if (!record || !ctx) return undefined;
                const adapter = await getCurrentAdapter(ctx.context.adapter);
                const where = [{ field: "key", value: record.key }];
                await adapter.update({ model: "idempotencyKey", where, update: record.update });
                return { data: { id } };
              },
            },
          },
        },
      },
    }),
    hooks: {
      before: [
        {
          matcher: ({ path }) => path === "/sign-up/email" && currentIssuing()?.idempotency !== undefined,
          handler: createAuthMiddleware(async (ctx) => {
            const issuing = currentIssuing();
            if (!issuing?.idempotency) return;
            const record = await reserve(issuing.idempotency.key, issuing.input);
            if (!record) return decide(issuing);
            return repeat(ctx, options, issuing, record);
          }),
        },
      ],
    },
  }) satisfies BetterAuthPlugin;

async function repeat(
  ctx: GenericEndpointContext,
  options: JwtOptions,
  issuing: Issuing,
  record: IdempotencyRecord,
) {
  const { input } = issuing;
  if (!isForBody(record, input)) throw refuse("UNPROCESSABLE_ENTITY", "idempotency_key_reused");
  const { userId, sessionId, iat, jti } = record;
  if (!userId || !sessionId || !iat || !jti) {
    throw refuse("CONFLICT", "idempotency_in_progress", { "Retry-After": "1" });
  }
  await provePassword(ctx, userId, input);
  const { adapter, internalAdapter } = ctx.context;
  const stored = await adapter.findOne<{ token: string }>({
    model: "session",
    where: [{ field: "id", value: sessionId }],
  });
  const found = stored && (await internalAdapter.findSession(stored.token));
  if (!found) throw refuse("UNAUTHORIZED", "session_ended");
  const { session, user } = found;
  const first = { email: input.email, emailVerified: false, name: input.name ?? user.name };
  const life = { now: iat, lifetime: env().ACCESS_TOKEN_LIFETIME };
  const claims = { ...defineClaims(first, session, life), jti };
  const resolvedKey = await signingKey(ctx, options);
  const payload = { ...claims, sub: user.id };
  issuing.issued = {
    user: { id: user.id, email: first.email, name: first.name },
    accessToken: await signJWT(ctx, { options, payload, resolvedKey }),
    expiresIn: claims.exp - claims.iat,
    sessionToken: session.token,
  };
  await setSessionCookie(ctx, { session, user });
  return ctx.json({ user: issuing.issued.user });
}

/** Guesses count as those at signing in. A wrong one is another body. */
async function provePassword(
  ctx: GenericEndpointContext,
  userId: string,
  { email, password }: Issuing["input"],
): Promise<void> {
  const bucket = bucketOf("account", email);
  const turn = await takeTurn(bucket, GUESSES);
  if ("retryAfter" in turn) {
    throw new APIError("TOO_MANY_REQUESTS", problem("rate_limited"), {
      "X-Retry-After": String(turn.retryAfter),
    });
  }
  const accounts = await ctx.context.internalAdapter.findAccounts(userId);
  const hash = accounts.find(({ providerId }) => providerId === "credential")?.password;
  if (!hash || !(await ctx.context.password.verify({ hash, password }))) {
    throw refuse("UNPROCESSABLE_ENTITY", "idempotency_key_reused");
  }
  await clearTurns(bucket);
}
