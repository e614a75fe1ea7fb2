import type { BetterAuthPlugin } from "better-auth";
import { APIError, createAuthMiddleware } from "better-auth/api";

/** A new password ends every other session, whoever set it; the stock endpoints leave them alive. */
export const sessionControl = () =>
  ({
    id: "session-control",
    hooks: {
      before: [
        {
          matcher: ({ path }) => path === "/change-password",
          handler: createAuthMiddleware(async ({ body }) => ({
            context: { body: { ...body, revokeOtherSessions: true } },
          })),
        },
      ],
      after: [
        {
          matcher: ({ path }) => path === "/admin/set-user-password",
          handler: createAuthMiddleware(async ({ body, context }) => {
            if (context.returned instanceof APIError) return;
            await context.internalAdapter.deleteUserSessions(body.userId);
          }),
        },
      ],
    },
  }) satisfies BetterAuthPlugin;
