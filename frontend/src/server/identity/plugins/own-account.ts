import { APIError, createAuthEndpoint, sessionMiddleware } from "better-auth/api";
import { deleteSessionCookie } from "better-auth/cookies";
import { z } from "zod";
import { problem } from "#server/http/problem.ts";
import { accessTokenCookie } from "#server/identity/cookies.ts";
import { userName } from "#server/identity/user-fields.ts";

/** Has others erase what they hold of the user whose browser sent `headers`; whether it is gone. */
export type Erase = (headers: Headers) => Promise<boolean>;

/** The user's name, and the end of their account. */
export const ownAccount = (eraseElsewhere: Erase) => ({
  setOwnName: createAuthEndpoint(
    "/account/name",
    { method: "POST", use: [sessionMiddleware], body: z.object({ name: userName }) },
    async (ctx) => {
      const { user } = ctx.context.session;
      await ctx.context.internalAdapter.updateUser(user.id, { name: ctx.body.name });
      // The browser's access token has the former name; without it the next call gets one with the new.
      ctx.setHeader("Set-Cookie", accessTokenCookie().clear());
      return ctx.json({ name: ctx.body.name });
    },
  ),
  deleteOwnAccount: createAuthEndpoint(
    "/account/delete",
    {
      method: "POST",
      use: [sessionMiddleware],
      body: z.object({ password: z.string().min(1).max(1024) }),
    },
    async (ctx) => {
      const { user } = ctx.context.session;
      const { internalAdapter, password } = ctx.context;
      const accounts = await internalAdapter.findAccounts(user.id);
      const hash = accounts.find(({ providerId }) => providerId === "credential")?.password;
      if (!hash || !(await password.verify({ hash, password: ctx.body.password })))
        throw new APIError("BAD_REQUEST", { code: "INVALID_PASSWORD", message: "Invalid password" });
      // What others hold goes first: afterwards nobody could ask for it in the user's name.
      if (!ctx.headers || !(await eraseElsewhere(ctx.headers)))
        throw new APIError("SERVICE_UNAVAILABLE", problem("api_unavailable"));
      await internalAdapter.deleteUserSessions(user.id);
      await internalAdapter.deleteUser(user.id);
      deleteSessionCookie(ctx);
      return ctx.json({ deleted: true });
    },
  ),
});
