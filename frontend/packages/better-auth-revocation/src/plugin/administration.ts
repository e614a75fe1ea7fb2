import { APIError, createAuthEndpoint, sessionMiddleware } from "better-auth/api";
import { z } from "zod";
import { rolesOf } from "./claims.ts";
import { described } from "./described.ts";
import { REVOCATION_ERROR_CODES as CODES } from "./error-codes.ts";
import { type Runtime, unlessAway } from "./runtime.ts";

/** For administrators: the end of all that somebody else has opened. */
export const administrationEndpoints = (runtime: Runtime) => ({
  revokeUserTokens: createAuthEndpoint(
    "/revocation/revoke-user",
    {
      method: "POST",
      use: [sessionMiddleware],
      body: z.object({ userId: z.string().min(1).max(255) }),
      metadata: described(
        "revokeUserTokens",
        "For administrators: end a user's sessions and revoke every token",
      ),
    },
    async (ctx) => {
      const { user } = ctx.context.session;
      const roles = rolesOf(user["role"]);
      if (!runtime.settings.isAdministrator({ user, roles })) {
        throw APIError.from("FORBIDDEN", CODES.ADMINISTRATOR_REQUIRED);
      }
      const { userId } = ctx.body;
      const found = await ctx.context.internalAdapter.findUserById(userId);
      if (!found) throw APIError.from("NOT_FOUND", CODES.USER_NOT_FOUND);
      return ctx.json({ ended: await unlessAway(() => runtime.store.revokeUser(userId)) });
    },
  ),
});
