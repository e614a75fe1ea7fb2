import type { BetterAuthPlugin, GenericEndpointContext } from "better-auth";
import { APIError, createAuthMiddleware, getSessionFromCtx } from "better-auth/api";
import { kindOfNewSession } from "better-auth-revocation/composition";
import { database } from "#server/database.ts";
import { env } from "#server/env.ts";
import { problem } from "#server/http/problem.ts";
import { currentRequest } from "#server/http/request-scope.ts";
import { knownDevice, rememberDevice } from "#server/identity/known-device.ts";
import { bucketOf } from "#server/identity/tag.ts";
import { clearTurns, giveTurnBack, type Rule, takeTurn, throttleSchema } from "#server/identity/throttle.ts";
import { log, summarize } from "#server/log.ts";
import { hasMail, sendMail } from "#server/mail.ts";
import * as mail from "#texts/mail.ts";

/** Ten wrong passwords at once, then one after half a minute and so on, a hundred or so a day. */
export const GUESSES: Rule = { burst: 10, pause: 30, longest: 900, memory: 86_400 };

/** The key under which a request's guess counts, from before the endpoint until the answer. */
const counted = new WeakMap<object, { key: string; attempt: number; email?: string }>();

/** What a guess is remembered by: the request, or its headers for a call that is not part of one. */
const asked = (headers: Headers): object => currentRequest() ?? headers;

/** Takes back the guess of this request, which ended in an outage: its sender has not learnt whether the password was right,
 * and the owner of the account must not have to wait because of it. */
export async function forgetGuess(): Promise<void> {
  const request = currentRequest();
  const guessed = request && counted.get(request);
  if (!guessed) return;
  counted.delete(request);
  await giveTurnBack(guessed.key, guessed.attempt).catch((error) =>
    log("warn", "guess_not_forgotten", { cause: summarize(error) }),
  );
}

/** Slows the guessing of one account's password down, from however many addresses, and whether or not there is such an
 * account. It locks nobody out: a browser that has signed in before counts by itself, and a new password by mail makes
 * the browser that sets it one of those. */
export const guessing = () =>
  ({
    id: "guessing",
    schema: throttleSchema,
    hooks: {
      before: [
        {
          matcher: ({ path }) => path === "/sign-in/email",
          handler: createAuthMiddleware(async (ctx) => {
            const { email } = (ctx.body ?? {}) as { email?: unknown };
            if (typeof email !== "string" || !ctx.headers) return;
            const device = await knownDevice(ctx, email);
            const key = device ? bucketOf("device", device.id) : bucketOf("account", email);
            const attempt = await guess(key);
            counted.set(asked(ctx.headers), { key, attempt, email });
            if (attempt === GUESSES.burst && !device) warnOwner(email);
          }),
        },
        {
          matcher: ({ path }) => path === "/change-password" || path === "/account/delete",
          handler: createAuthMiddleware(async (ctx) => {
            const found = await getSessionFromCtx(ctx);
            if (!found || !ctx.headers) return;
            const key = bucketOf("present-password", found.user.id);
            counted.set(asked(ctx.headers), { key, attempt: await guess(key) });
          }),
        },
      ],
      after: [
        {
          matcher: ({ path }) => OPENING.has(path ?? ""),
          handler: createAuthMiddleware(async (ctx) => {
            if (ctx.context.returned instanceof APIError) return;
            const guessed = ctx.headers && counted.get(asked(ctx.headers));
            if (guessed) await clearTurns(guessed.key);
            const email = guessed?.email ?? ctx.context.newSession?.user.email;
            if (email && ctx.context.newSession) await rememberBrowser(ctx, email);
          }),
        },
        {
          matcher: ({ path }) => path === "/reset-password",
          handler: createAuthMiddleware(async (ctx) => {
            const email = ctx.request && resetFor.get(ctx.request);
            if (!email) return;
            await clearTurns(bucketOf("account", email));
            await rememberBrowser(ctx, email);
          }),
        },
      ],
    },
  }) satisfies BetterAuthPlugin;

const OPENING = new Set(["/sign-up/email", "/sign-in/email", "/change-password"]);

/** Whose password a request has reset: who can read the account's mail is its owner. */
const resetFor = new WeakMap<Request, string>();
export const notePasswordReset = (request: Request | undefined, email: string): void => {
  if (request) resetFor.set(request, email);
};

/** Clients that hold tokens keep no cookies: one would make them look like a browser. */
async function rememberBrowser(ctx: GenericEndpointContext, email: string): Promise<void> {
  if (kindOfNewSession(ctx.headers) === "browser") await rememberDevice(ctx, email);
}

async function guess(key: string): Promise<number> {
  const turn = await takeTurn(key, GUESSES);
  if ("attempt" in turn) return turn.attempt;
  throw new APIError("TOO_MANY_REQUESTS", problem("rate_limited"), {
    "X-Retry-After": String(turn.retryAfter),
  });
}

/** Not waited for: how long it takes would tell whether the account exists. */
function warnOwner(email: string): void {
  if (!hasMail()) return;
  database()
    .query<{ email: string }>('SELECT email FROM auth."user" WHERE email = lower($1)', [email])
    .then(async ({ rows: [user] }) => {
      if (user)
        await sendMail({
          to: user.email,
          subject: mail.guessedSubject,
          text: mail.guessed(GUESSES.burst, `${env().BETTER_AUTH_URL}/forgot-password`),
        });
    })
    .catch((error) => log("error", "mail_not_sent", { cause: summarize(error) }));
}
