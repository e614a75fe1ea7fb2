import type { BetterAuthPlugin, Session } from "better-auth";
import { APIError, createAuthEndpoint, sessionMiddleware } from "better-auth/api";
import { deleteSessionCookie } from "better-auth/cookies";
import { z } from "zod";
import { problem } from "#server/http/problem.ts";
import { type AuditEvent, eventsOf } from "#server/identity/audit.ts";
import { parseDevice } from "#server/identity/device.ts";
import { placeOf } from "#server/identity/place.ts";

const PAGE = 20;

/** The user's own control: where they are signed in, what happened lately, and the end of any session of theirs. */
export const account = () =>
  ({
    id: "account",
    endpoints: {
      listOwnSessions: createAuthEndpoint(
        "/account/sessions",
        { method: "GET", use: [sessionMiddleware] },
        async (ctx) => {
          const { user, session } = ctx.context.session;
          const sessions = await ctx.context.internalAdapter.listSessions(user.id);
          const live = sessions.filter(({ expiresAt }) => expiresAt.getTime() > Date.now());
          return ctx.json({
            sessions: await Promise.all(live.map((one) => describeSession(one, session.id))),
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
          return ctx.json({ ended: 1 });
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
      listOwnActivity: createAuthEndpoint(
        "/account/activity",
        { method: "GET", use: [sessionMiddleware], query: z.object({ after: z.iso.datetime().optional() }) },
        async (ctx) => {
          const { user } = ctx.context.session;
          const before = ctx.query.after === undefined ? undefined : new Date(ctx.query.after);
          const found = await eventsOf(ctx.context.adapter, user.id, { before, limit: PAGE + 1 });
          const events = found.slice(0, PAGE);
          return ctx.json({
            events: await Promise.all(events.map((event) => describeEvent(event, user.id))),
            next: found.length > PAGE ? (events.at(-1)?.createdAt.toISOString() ?? null) : null,
          });
        },
      ),
    },
  }) satisfies BetterAuthPlugin;

const describeSession = async (session: Session, currentId: string) => ({
  id: session.id,
  current: session.id === currentId,
  createdAt: session.createdAt,
  lastSeenAt: session.updatedAt,
  expiresAt: session.expiresAt,
  device: parseDevice(session.userAgent),
  ipAddress: session.ipAddress || null,
  place: (await placeOf(session.ipAddress)) ?? null,
});

/** Whoever did it did not prove to be the person. */
const BY_STRANGERS: ReadonlySet<string> = new Set(["sign_in_failed", "token_reused"]);

const describeEvent = async (event: AuditEvent, userId: string) => {
  const byStranger = BY_STRANGERS.has(event.type);
  const showsPlace = byStranger || event.actorId === userId;
  const doer = event.actorId === userId ? "you" : event.actorId ? "administrator" : "operator";
  return {
    id: event.id,
    type: event.type,
    at: event.createdAt,
    actor: byStranger ? "unknown" : doer,
    details: event.details ?? null,
    device: parseDevice(event.userAgent),
    ipAddress: showsPlace ? (event.ipAddress ?? null) : null,
    place: showsPlace ? ((await placeOf(event.ipAddress)) ?? null) : null,
  };
};
