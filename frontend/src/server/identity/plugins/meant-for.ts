import type { BetterAuthPlugin } from "better-auth";
import { APIError, createAuthMiddleware, getSessionFromCtx } from "better-auth/api";
import { EXPECTED_SUBJECT, isMeantFor } from "better-auth-revocation/server";
import { problem } from "#server/http/problem.ts";

/** Refuses a call of a page that shows another user than the one whose session the browser now sends. */
export const meantFor = () =>
  ({
    id: "meant-for",
    hooks: {
      before: [
        {
          matcher: ({ headers }) => headers?.has(EXPECTED_SUBJECT) ?? false,
          handler: createAuthMiddleware(async (ctx) => {
            const session = await getSessionFromCtx(ctx, { disableRefresh: true });
            if (session && !isMeantFor(ctx.headers ?? new Headers(), session.user.id)) {
              throw new APIError("CONFLICT", problem("wrong_subject"));
            }
          }),
        },
      ],
    },
  }) satisfies BetterAuthPlugin;
