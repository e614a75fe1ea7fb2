import { APIError, createAuthEndpoint, sessionMiddleware } from "better-auth/api";
import { deleteSessionCookie } from "better-auth/cookies";
import { z } from "zod";
import { problem } from "#server/http/problem.ts";
import { describeSession, isLive } from "#server/identity/described.ts";
import { inForceAfter, revocationsInForce } from "#server/revocation/in-force.ts";

/** Where the user is signed in, and the end of any session of theirs. */
export const ownSessions = () => ({
  listOwnSessions: createAuthEndpoint(
    "/account/sessions",
    { method: "GET", use: [sessionMiddleware] },
    async (ctx) => {
      const { user, session } = ctx.context.session;
      const sessions = await ctx.context.internalAdapter.listSessions(user.id);
      return ctx.json({
        sessions: await Promise.all(sessions.filter(isLive).map((one) => describeSession(one, session.id))),
      });
    },
  ),
  endOwnSession: createAuthEndpoint(
    "/account/sessions/end",
    { method: "POST", use: [sessionMiddleware], body: z.object({ id: z.string().min(1).max(255) }) },
    async (ctx) => {
      const { user, session } = ctx.context.session;
      const own = await ctx.context.internalAdapter.listSessions(user.id);
      const target = own.find(({ id }) => id === ctx.body.id);
      if (!target) throw new APIError("NOT_FOUND", problem("not_found"));
      await ctx.context.internalAdapter.deleteSession(target.token);
      if (target.id === session.id) deleteSessionCookie(ctx);
      await revocationsInForce();
      return ctx.json({
        ended: 1,
        refusedAfter: (await inForceAfter(target.id)) ?? null,
      });
    },
  ),
  endOtherSessions: createAuthEndpoint(
    "/account/sessions/end-others",
    { method: "POST", use: [sessionMiddleware] },
    async (ctx) => {
      const { user, session } = ctx.context.session;
      const others = (await ctx.context.internalAdapter.listSessions(user.id)).filter(
        ({ id }) => id !== session.id,
      );
      // The adapter makes no SQL of an empty list.
      if (others.length) {
        await ctx.context.internalAdapter.deleteSessions(others.map(({ token }) => token));
      }
      return ctx.json({ ended: others.length });
    },
  ),
  endAllSessions: createAuthEndpoint(
    "/account/sessions/end-all",
    { method: "POST", use: [sessionMiddleware] },
    async (ctx) => {
      const { user } = ctx.context.session;
      const sessions = await ctx.context.internalAdapter.listSessions(user.id);
      await ctx.context.internalAdapter.deleteUserSessions(user.id);
      deleteSessionCookie(ctx);
      return ctx.json({ ended: sessions.length });
    },
  ),
});
