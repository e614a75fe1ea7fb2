import type { BetterAuthPlugin, User, Where } from "better-auth";
import { APIError, createAuthEndpoint, createAuthMiddleware, sessionMiddleware } from "better-auth/api";
import { defaultRoles } from "better-auth/plugins/admin/access";
import { z } from "zod";
import { problem } from "#server/http/problem.ts";
import { eventsOf } from "#server/identity/audit.ts";
import { describeEvent, describeSession, isLive, pageOf, readQuery } from "#server/identity/described.ts";
import { revocationsInForce } from "#server/revocation/in-force.ts";

/** Users, and events, on a page. */
const PAGE = 20;

const id = z.string().min(1).max(255);

/** What a role of the admin plugin allows, as it answers its own endpoints. */
type Permission = Parameters<(typeof defaultRoles)["admin"]["authorize"]>[0];

const mayDo = (role: unknown, permission: Permission): boolean =>
  String(role ?? "user")
    .split(",")
    .some(
      (name) =>
        Object.hasOwn(defaultRoles, name) &&
        defaultRoles[name as keyof typeof defaultRoles].authorize(permission).success,
    );

/** Requires a session whose role has `permission`. */
const requires = (permission: Permission) =>
  createAuthMiddleware({ use: [sessionMiddleware] }, async ({ context }) => {
    const { session } = context;
    const role = (session.user as { role?: unknown }).role;
    if (!mayDo(role, permission)) throw new APIError("FORBIDDEN", problem("insufficient_role"));
    return { session };
  });

/** Escapes the text, because the adapter passes it to LIKE as a pattern. */
const literally = (text: string): string => text.replace(/[\\%_]/g, "\\$&");

const containing = (text: string): Where[] =>
  (["email", "name"] as const).map((field) => ({
    field,
    operator: "contains",
    value: literally(text),
    mode: "insensitive",
    connector: "OR",
  }));

/** One user as an administrator sees them: found by name or address, their sessions, what happened to them. Better Auth's
 * own list of somebody's sessions would give their tokens away. */
export const userAdmin = () =>
  ({
    id: "user-admin",
    endpoints: {
      findUsers: createAuthEndpoint(
        "/admin/users",
        {
          method: "GET",
          use: [requires({ user: ["list"] })],
          query: z.object({
            search: z.string().max(200).optional(),
            offset: z.coerce.number().int().min(0).max(1_000_000).optional(),
          }),
        },
        async (ctx) => {
          const where = ctx.query.search ? containing(ctx.query.search) : undefined;
          const { internalAdapter } = ctx.context;
          const [users, total] = await Promise.all([
            internalAdapter.listUsers(
              PAGE,
              ctx.query.offset ?? 0,
              { field: "createdAt", direction: "desc" },
              where,
            ),
            internalAdapter.countTotalUsers(where),
          ]);
          return ctx.json({ users: users.map(describeUser), total });
        },
      ),
      listSessionsOfUser: createAuthEndpoint(
        "/admin/user/sessions",
        {
          method: "GET",
          use: [requires({ session: ["list"] })],
          query: z.object({ ...readQuery, userId: id }),
        },
        async (ctx) => {
          const { userId } = ctx.query;
          await requireUser(ctx.context.internalAdapter, userId);
          const sessions = await ctx.context.internalAdapter.listSessions(userId);
          const own = ctx.context.session.session.id;
          return ctx.json({
            sessions: await Promise.all(sessions.filter(isLive).map((one) => describeSession(one, own))),
          });
        },
      ),
      endSessionOfUser: createAuthEndpoint(
        "/admin/user/sessions/end",
        { method: "POST", use: [requires({ session: ["revoke"] })], body: z.object({ userId: id, id }) },
        async (ctx) => {
          const sessions = await ctx.context.internalAdapter.listSessions(ctx.body.userId);
          const target = sessions.find((session) => session.id === ctx.body.id);
          if (!target) throw new APIError("NOT_FOUND", problem("not_found"));
          await ctx.context.internalAdapter.deleteSession(target.token);
          await revocationsInForce();
          return ctx.json({ ended: 1 });
        },
      ),
      listActivityOfUser: createAuthEndpoint(
        "/admin/user/activity",
        {
          method: "GET",
          use: [requires({ user: ["get"] })],
          query: z.object({ ...readQuery, userId: id, after: z.iso.datetime().optional() }),
        },
        async (ctx) => {
          const { userId, after } = ctx.query;
          await requireUser(ctx.context.internalAdapter, userId);
          const before = after === undefined ? undefined : new Date(after);
          const found = await eventsOf(ctx.context.adapter, userId, { before, limit: PAGE + 1 });
          return ctx.json(await pageOf(found, PAGE, (event) => describeEvent(event, userId, true)));
        },
      ),
    },
  }) satisfies BetterAuthPlugin;

async function requireUser(
  adapter: { findUserById(userId: string): Promise<unknown> },
  userId: string,
): Promise<void> {
  if (!(await adapter.findUserById(userId))) throw new APIError("NOT_FOUND", problem("not_found"));
}

type UserRow = User & {
  role?: string | null;
  banned?: boolean | null;
  banReason?: string | null;
  banExpires?: Date | null;
};

/** What the pages show of a user. */
export const describeUser = (user: User) => {
  const { id, name, email, createdAt, role, banned, banReason, banExpires } = user as UserRow;
  return {
    id,
    name,
    email,
    createdAt,
    role: role ?? null,
    banned: banned ?? null,
    banReason: banReason ?? null,
    banExpires: banExpires ?? null,
  };
};
