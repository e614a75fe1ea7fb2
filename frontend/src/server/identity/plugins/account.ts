import type { BetterAuthPlugin } from "better-auth";
import { APIError, createAuthEndpoint, sessionMiddleware } from "better-auth/api";
import { deleteSessionCookie } from "better-auth/cookies";
import { z } from "zod";
import { problem } from "#server/http/problem.ts";
import { eventsOf } from "#server/identity/audit.ts";
import { accessTokenCookie } from "#server/identity/cookies.ts";
import { describeEvent, describeSession, isLive, pageOf, readQuery } from "#server/identity/described.ts";
import { userName } from "#server/identity/user-fields.ts";
import { inForceAfter, revocationsInForce } from "#server/revocation/in-force.ts";

const PAGE = 20;

/** Has others erase what they hold of the user whose browser sent `headers`; whether it is gone. */
type Erase = (headers: Headers) => Promise<boolean>;

/** The user's own control: where they are signed in, what happened lately, the end of any session of theirs, their name,
 * and the end of their account. */
export const account = (eraseElsewhere: Erase) =>
  ({
    id: "account",
    endpoints: {
      listOwnSessions: createAuthEndpoint(
        "/account/sessions",
        { method: "GET", use: [sessionMiddleware] },
        async (ctx) => {
          const { user, session } = ctx.context.session;
          const sessions = await ctx.context.internalAdapter.listSessions(user.id);
          return ctx.json({
            sessions: await Promise.all(
              sessions.filter(isLive).map((one) => describeSession(one, session.id)),
            ),
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
      listOwnActivity: createAuthEndpoint(
        "/account/activity",
        {
          method: "GET",
          use: [sessionMiddleware],
          query: z.object({ ...readQuery, after: z.iso.datetime().optional() }),
        },
        async (ctx) => {
          const { user } = ctx.context.session;
          const before = ctx.query.after === undefined ? undefined : new Date(ctx.query.after);
          const found = await eventsOf(ctx.context.adapter, user.id, { before, limit: PAGE + 1 });
          return ctx.json(await pageOf(found, PAGE, (event) => describeEvent(event, user.id)));
        },
      ),
    },
  }) satisfies BetterAuthPlugin;
