import { APIError, createAuthEndpoint, sessionMiddleware } from "better-auth/api";
import { deleteSessionCookie } from "better-auth/cookies";
import { z } from "zod";
import { described } from "./described.ts";
import { REVOCATION_ERROR_CODES as CODES } from "./error-codes.ts";

/** A user's own sessions: where they are signed in, and the end of any of them. By cookie, or by access token. */
export const sessionEndpoints = () => ({
  listOwnSessions: createAuthEndpoint(
    "/revocation/sessions",
    {
      method: "GET",
      use: [sessionMiddleware],
      metadata: described("listOwnSessions", "List the sessions of the user, by cookie or access token"),
    },
    async (ctx) => {
      const { user, session } = ctx.context.session;
      const sessions = await ctx.context.internalAdapter.listSessions(user.id);
      return ctx.json({
        sessions: sessions
          .filter(({ expiresAt }) => new Date(expiresAt).getTime() > Date.now())
          .map((one) => ({
            id: one.id,
            current: one.id === session.id,
            createdAt: one.createdAt,
            lastSeenAt: one.updatedAt,
            expiresAt: one.expiresAt,
            ipAddress: one.ipAddress || null,
            userAgent: one.userAgent || null,
          })),
      });
    },
  ),
  endOwnSession: createAuthEndpoint(
    "/revocation/sessions/end",
    {
      method: "POST",
      use: [sessionMiddleware],
      body: z.object({ id: z.string().min(1).max(255) }),
      metadata: described("endOwnSession", "End one of the user's sessions and revoke its tokens"),
    },
    async (ctx) => {
      const { user, session } = ctx.context.session;
      const own = await ctx.context.internalAdapter.listSessions(user.id);
      const target = own.find(({ id }) => id === ctx.body.id);
      if (!target) throw APIError.from("NOT_FOUND", CODES.SESSION_NOT_FOUND);
      await ctx.context.internalAdapter.deleteSession(target.token);
      if (target.id === session.id) deleteSessionCookie(ctx);
      return ctx.json({ ended: 1 });
    },
  ),
  endOtherSessions: createAuthEndpoint(
    "/revocation/sessions/end-others",
    {
      method: "POST",
      use: [sessionMiddleware],
      metadata: described("endOtherSessions", "End every session of the user but the present one"),
    },
    async (ctx) => {
      const { user, session } = ctx.context.session;
      const own = await ctx.context.internalAdapter.listSessions(user.id);
      const others = own.filter(({ id }) => id !== session.id);
      // Better Auth's adapters fail on an empty list.
      if (others.length) await ctx.context.internalAdapter.deleteSessions(others.map(({ token }) => token));
      return ctx.json({ ended: others.length });
    },
  ),
  endAllSessions: createAuthEndpoint(
    "/revocation/sessions/end-all",
    {
      method: "POST",
      use: [sessionMiddleware],
      metadata: described("endAllSessions", "End every session of the user, the present one too"),
    },
    async (ctx) => {
      const { user } = ctx.context.session;
      const own = await ctx.context.internalAdapter.listSessions(user.id);
      await ctx.context.internalAdapter.deleteUserSessions(user.id);
      deleteSessionCookie(ctx);
      return ctx.json({ ended: own.length });
    },
  ),
});
