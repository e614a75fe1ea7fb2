import type { BetterAuthPlugin, GenericEndpointContext } from "better-auth";
import { APIError, createAuthMiddleware, getIP, getSessionFromCtx } from "better-auth/api";
import { type AuditType, recordEvent } from "#server/identity/audit.ts";
import { type Rule, takeTurn } from "#server/identity/throttle.ts";

type Recorded = { type: AuditType; subjectId?: string | undefined; details?: string | undefined };

type Call = {
  /** What the caller sent. */
  body: Record<string, unknown>;
  /** Whose session it was that the call named by its token. */
  ownerId?: string | undefined;
  /** The device whose session it was, as it named itself: the entry's own is the one that ended it. */
  ended?: string | undefined;
  returned: unknown;
};

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

/** What a change of somebody's fields comes to: their rights first, each for itself, then the rest by name. */
function describeUpdate({ body }: Call): Recorded[] {
  const subjectId = text(body["userId"]);
  const { role, banned, banReason, banExpires, ...rest } = (body["data"] ?? {}) as Record<string, unknown>;
  const until = banExpires === undefined || banExpires === null ? undefined : `until ${String(banExpires)}`;
  const details = [text(banReason), until].filter(Boolean).join(", ") || undefined;
  const others = Object.keys(rest).toSorted().join(", ").slice(0, 200);
  return [
    ...(role === undefined ? [] : [{ type: "role_changed", subjectId, details: String(role) } as const]),
    ...(banned === true ? [{ type: "banned", subjectId, details } as const] : []),
    ...(banned === false || banned === null ? [{ type: "unbanned", subjectId } as const] : []),
    ...(banned === undefined && details ? [{ type: "user_changed", subjectId, details } as const] : []),
    ...(others ? [{ type: "user_changed", subjectId, details: others } as const] : []),
  ];
}

function describeCreation({ body, returned }: Call): Recorded[] {
  const subjectId = (returned as { user?: { id: string } }).user?.id;
  const role = body["role"] ?? (body["data"] as Record<string, unknown> | undefined)?.["role"];
  const rights = role === undefined || role === "user" ? [] : [String(role)];
  return [
    { type: "signed_up", subjectId },
    ...rights.map((details) => ({ type: "role_changed", subjectId, details }) as const),
  ];
}

/** What each endpoint's success is recorded as; done to the caller when it names nobody else. */
const EVENTS: Record<string, (call: Call) => Recorded | Recorded[]> = {
  "/sign-up/email": () => ({ type: "signed_up" }),
  "/sign-in/email": () => ({ type: "signed_in" }),
  "/sign-out": () => ({ type: "signed_out" }),
  "/change-password": () => ({ type: "password_changed" }),
  "/account/name": () => ({ type: "user_changed", details: "name" }),
  "/account/delete": () => ({ type: "user_deleted" }),
  "/account/sessions/end": ({ ended }) => ({ type: "session_ended", details: ended }),
  "/account/sessions/end-others": () => ({ type: "other_sessions_ended" }),
  "/account/sessions/end-all": () => ({ type: "all_sessions_ended" }),
  "/revoke-session": ({ ended }) => ({ type: "session_ended", details: ended }),
  "/revoke-other-sessions": () => ({ type: "other_sessions_ended" }),
  "/revoke-sessions": () => ({ type: "all_sessions_ended" }),
  "/admin/create-user": describeCreation,
  "/admin/set-role": ({ body }) => ({
    type: "role_changed",
    subjectId: text(body["userId"]),
    details: String(body["role"]),
  }),
  "/admin/ban-user": ({ body }) => ({
    type: "banned",
    subjectId: text(body["userId"]),
    details: text(body["banReason"]),
  }),
  "/admin/unban-user": ({ body }) => ({ type: "unbanned", subjectId: text(body["userId"]) }),
  "/admin/revoke-user-session": ({ ownerId, ended }) => ({
    type: "session_ended",
    subjectId: ownerId,
    details: ended,
  }),
  "/admin/user/sessions/end": ({ body, ended }) => ({
    type: "session_ended",
    subjectId: text(body["userId"]),
    details: ended,
  }),
  "/admin/revoke-user-sessions": ({ body }) => ({
    type: "all_sessions_ended",
    subjectId: text(body["userId"]),
  }),
  "/admin/set-user-password": ({ body }) => ({ type: "password_changed", subjectId: text(body["userId"]) }),
  "/admin/impersonate-user": ({ body }) => ({ type: "impersonated", subjectId: text(body["userId"]) }),
  "/admin/stop-impersonating": () => ({ type: "impersonation_ended" }),
  "/admin/update-user": describeUpdate,
  "/admin/remove-user": ({ body }) => ({ type: "user_deleted", subjectId: text(body["userId"]) }),
};

/** Their caller is whoever they sign in, not whoever was signed in before. */
const OPENING = new Set(["/sign-up/email", "/sign-in/email"]);

type Parties = {
  callerId: string;
  /** The caller, or the administrator who acts as them. */
  actorId: string;
  /** Whose session the call names by its token. */
  ownerId: string | undefined;
  ended: string | undefined;
};

/** Read before the call, which may end these sessions. */
const parties = new WeakMap<Headers, Parties>();

const isAudited = ({ path }: { path?: string }) => path !== undefined && Object.hasOwn(EVENTS, path);

/** Keeps a record of everything that changes who may get in: who, what, whom, when, from where. */
export const audit = () =>
  ({
    id: "audit",
    schema: {
      auditEvent: {
        fields: {
          type: { type: "string", required: true },
          actorId: { type: "string", required: false },
          subjectId: { type: "string", required: true, index: true },
          details: { type: "string", required: false },
          ipAddress: { type: "string", required: false },
          userAgent: { type: "string", required: false },
          createdAt: { type: "date", required: true },
        },
      },
    },
    hooks: {
      before: [
        {
          matcher: isAudited,
          handler: createAuthMiddleware(async (ctx) => {
            const found = ctx.headers && !OPENING.has(ctx.path) && (await getSessionFromCtx(ctx));
            if (!found || !ctx.headers) return;
            const { user, session } = found;
            const token: unknown = ctx.body?.["sessionToken"];
            const named = typeof token === "string" && (await ctx.context.internalAdapter.findSession(token));
            const userAgent = named ? named.session.userAgent : await deviceOf(ctx, user.id);
            parties.set(ctx.headers, {
              callerId: user.id,
              actorId: session["impersonatedBy"] ?? user.id,
              ownerId: named ? named.user.id : undefined,
              ended: userAgent?.slice(0, 500) || undefined,
            });
          }),
        },
      ],
      after: [
        {
          matcher: isAudited,
          handler: createAuthMiddleware(async (ctx) => {
            const { returned } = ctx.context;
            if (!(returned instanceof APIError)) await recordSuccess(ctx, returned);
            else if (ctx.path === "/sign-in/email" && returned.statusCode === 401)
              await recordFailedSignIn(ctx);
          }),
        },
      ],
    },
  }) satisfies BetterAuthPlugin;

/** Endpoints whose body names a session by id or token: the caller's own or another user's. */
const NAMING: Record<string, "own" | "other"> = {
  "/account/sessions/end": "own",
  "/revoke-session": "own",
  "/admin/user/sessions/end": "other",
};

/** The device of the session that a call by `callerId` names. */
async function deviceOf(ctx: GenericEndpointContext, callerId: string): Promise<string | null | undefined> {
  const { id, token, userId } = (ctx.body ?? {}) as { id?: unknown; token?: unknown; userId?: unknown };
  const naming = NAMING[ctx.path ?? ""];
  const ownerId = naming === "other" ? text(userId) : callerId;
  if (!naming || !ownerId) return undefined;
  const sessions = await ctx.context.internalAdapter.listSessions(ownerId);
  return sessions.find((session) => session.id === id || session.token === token)?.userAgent;
}

async function recordSuccess(ctx: GenericEndpointContext, returned: unknown): Promise<void> {
  const describe = EVENTS[ctx.path ?? ""];
  if (!describe) return;
  const involved = ctx.headers && parties.get(ctx.headers);
  const { newSession } = ctx.context;
  const happened = [
    describe({ body: ctx.body ?? {}, ownerId: involved?.ownerId, ended: involved?.ended, returned }),
  ].flat();
  for (const { type, details, ...named } of happened) {
    const subjectId = "subjectId" in named ? named.subjectId : (involved?.callerId ?? newSession?.user.id);
    if (!subjectId) continue;
    await recordEvent(ctx.context.adapter, {
      type,
      actorId: involved?.actorId ?? newSession?.user.id,
      subjectId,
      details,
      ...whereFrom(ctx),
    });
  }
}

const whereFrom = ({ headers, context }: GenericEndpointContext) => ({
  ipAddress: headers ? getIP(headers, context.options) : null,
  userAgent: headers?.get("user-agent"),
});

/** Records that a renewed token was used again, and that its session was ended over it; by whom is not known. */
export const recordReuse = ({ user }: { user: { id: string } }, ctx: GenericEndpointContext): Promise<void> =>
  recordEvent(ctx.context.adapter, { type: "token_reused", subjectId: user.id, ...whereFrom(ctx) });

/** Under this, sign-ins to accounts that do not exist are recorded. */
export const NO_ACCOUNT = "no-account";

/** For those: sixty at once, then one a minute. For an account that exists the limit on guessing is limit enough. */
const FLOOD: Rule = { burst: 60, pause: 60, longest: 60, memory: 3600 };

async function recordFailedSignIn(ctx: GenericEndpointContext): Promise<void> {
  const email = String(ctx.body?.["email"]).toLowerCase();
  const found = await ctx.context.internalAdapter.findUserByEmail(email);
  if (!found && !("attempt" in (await takeTurn("audit:no-account", FLOOD)))) return;
  const subjectId = found?.user.id ?? NO_ACCOUNT;
  await recordEvent(ctx.context.adapter, { type: "sign_in_failed", subjectId, ...whereFrom(ctx) });
}
