import type { BetterAuthPlugin } from "better-auth";
import { APIError, createAuthMiddleware, getIP } from "better-auth/api";
import { database } from "#server/database.ts";
import { env } from "#server/env.ts";
import { problem } from "#server/http/problem.ts";
import { recordEvent } from "#server/identity/audit.ts";
import { notePasswordReset } from "#server/identity/plugins/guessing.ts";
import { tagOf } from "#server/identity/tag.ts";
import { clearTurns, takeTurn } from "#server/identity/throttle.ts";
import { log, summarize } from "#server/log.ts";
import { assertMailServer, hasMail, sendMail } from "#server/mail.ts";
import * as mail from "#texts/mail.ts";

/** Seconds that a link is good for. */
const LINK_LIFETIME = 3600;
/** Seconds in which no second link is sent to the same person. */
const PAUSE = 60;

/** A link by mail to set a new password: good once, for an hour, and void as soon as any new password is set. */
export const passwordReset = () =>
  ({
    id: "password-reset",
    init: ({ adapter, options }) => ({
      options: {
        // Its record is found by the token's hash: who reads the database can't use it.
        verification: { storeIdentifier: "hashed" },
        emailAndPassword: {
          enabled: true,
          resetPasswordTokenExpiresIn: LINK_LIFETIME,
          revokeSessionsOnPasswordReset: true,
          sendResetPassword: async ({ user, token }) => sendLink(user, token),
          onPasswordReset: async ({ user }, request) => {
            await voidLinks(user.id);
            notePasswordReset(request, user.email);
            await recordEvent(adapter, {
              type: "password_reset",
              actorId: user.id,
              subjectId: user.id,
              ipAddress: request && getIP(request, options),
              userAgent: request?.headers.get("user-agent"),
            });
          },
        },
      },
    }),
    hooks: {
      before: [
        {
          matcher: ({ path }) => path === "/request-password-reset",
          handler: createAuthMiddleware(async ({ body, json }) => {
            if (!hasMail()) throw new APIError("NOT_FOUND", problem("not_found"));
            await assertMailServer().catch((error) => {
              log("error", "mail_server_unavailable", { cause: summarize(error) });
              throw new APIError("SERVICE_UNAVAILABLE", problem("mail_unavailable"));
            });
            // Before Better Auth stores a token for it: one that is not mailed must leave nothing behind.
            if (typeof body?.email === "string" && !(await mayMail(body.email))) return json(ANSWER);
            return undefined;
          }),
        },
      ],
      after: [
        {
          matcher: ({ path }) => path === "/change-password" || path === "/admin/set-user-password",
          handler: createAuthMiddleware(async ({ path, body, context }) => {
            if (context.returned instanceof APIError) return;
            const userId = path === "/change-password" ? context.newSession?.user.id : body.userId;
            if (userId) await voidLinks(userId);
          }),
        },
      ],
    },
  }) satisfies BetterAuthPlugin;

/** Not waited for: how long a mail takes would tell whether the account exists.
 * The token follows a `#`, so that no server's log, proxy or Referer header gets to see it. */
function sendLink(user: { id: string; email: string }, token: string): void {
  const link = `${env().BETTER_AUTH_URL}/reset-password#${token}`;
  sendMail({ to: user.email, subject: mail.resetSubject, text: mail.reset(link) })
    .catch(async (error) => {
      log("error", "mail_not_sent", { userId: user.id, cause: summarize(error) });
      await clearTurns(pauseOf(user.email));
    })
    .catch((error) => log("error", "reset_pause_not_lifted", { cause: summarize(error) }));
}

/** What Better Auth answers whether or not there is an account. */
const ANSWER = {
  status: true,
  message: "If this email exists in our system, check your email for the reset link",
};

/** Whether the address may get a link now. Counted from the last one that was sent, for the person, in one statement. */
async function mayMail(email: string): Promise<boolean> {
  const turn = await takeTurn(pauseOf(email), { burst: 1, pause: PAUSE, longest: PAUSE, memory: PAUSE });
  return "attempt" in turn;
}

const pauseOf = (email: string) => `reset-mail:${tagOf("reset-mail", email)}`;

/** Nothing else is verified with a user's id for its value. */
const voidLinks = (userId: string) =>
  database().query("DELETE FROM auth.verification WHERE value = $1", [userId]);
