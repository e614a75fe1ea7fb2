import type { BetterAuthPlugin, GenericEndpointContext } from "better-auth";
import { APIError, createAuthMiddleware, getIP, getSessionFromCtx } from "better-auth/api";
import { type AuditType, recordEvent } from "#lib/auth/audit.ts";

type Recorded = { type: AuditType; subjectId?: string | undefined; details?: string | undefined };

type Call = {
  /** What the caller sent. */
  body: Record<string, string | undefined>;
  /** Whose session it was that the call named by its token. */
  ownerId?: string | undefined;
  returned: unknown;
};

/** What each endpoint's success is recorded as; done to the caller when it names nobody else. */
const EVENTS: Record<string, (call: Call) => Recorded> = {
  "/sign-up/email": () => ({ type: "signed_up" }),
  "/sign-in/email": () => ({ type: "signed_in" }),
  "/sign-out": () => ({ type: "signed_out" }),
  "/change-password": () => ({ type: "password_changed" }),
  "/account/sessions/end": () => ({ type: "session_ended" }),
  "/account/sessions/end-others": () => ({ type: "other_sessions_ended" }),
  "/account/sessions/end-all": () => ({ type: "all_sessions_ended" }),
  "/revoke-session": () => ({ type: "session_ended" }),
  "/revoke-other-sessions": () => ({ type: "other_sessions_ended" }),
  "/revoke-sessions": () => ({ type: "all_sessions_ended" }),
  "/admin/create-user": ({ returned }) => ({
    type: "signed_up",
    subjectId: (returned as { user?: { id: string } }).user?.id,
  }),
  "/admin/set-role": ({ body }) => ({
    type: "role_changed",
    subjectId: body["userId"],
    details: String(body["role"]),
  }),
  "/admin/ban-user": ({ body }) => ({
    type: "banned",
    subjectId: body["userId"],
    details: body["banReason"],
  }),
  "/admin/unban-user": ({ body }) => ({ type: "unbanned", subjectId: body["userId"] }),
  "/admin/revoke-user-session": ({ ownerId }) => ({ type: "session_ended", subjectId: ownerId }),
  "/admin/revoke-user-sessions": ({ body }) => ({ type: "all_sessions_ended", subjectId: body["userId"] }),
  "/admin/set-user-password": ({ body }) => ({ type: "password_changed", subjectId: body["userId"] }),
  "/admin/impersonate-user": ({ body }) => ({ type: "impersonated", subjectId: body["userId"] }),
  "/admin/stop-impersonating": () => ({ type: "impersonation_ended" }),
  "/admin/update-user": ({ body }) => ({ type: "user_changed", subjectId: body["userId"] }),
  "/admin/remove-user": ({ body }) => ({ type: "user_deleted", subjectId: body["userId"] }),
};

/** Their caller is whoever they sign in, not whoever was signed in before. */
const OPENING = new Set(["/sign-up/email", "/sign-in/email"]);

type Parties = {
  callerId: string;
  /** The caller, or the administrator who acts as them. */
  actorId: string;
  /** Whose session the call names by its token. */
  ownerId: string | undefined;
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
            parties.set(ctx.headers, {
              callerId: user.id,
              actorId: session["impersonatedBy"] ?? user.id,
              ownerId: named ? named.user.id : undefined,
            });
          }),
        },
      ],
      after: [
        {
          matcher: isAudited,
          handler: createAuthMiddleware(async (ctx) => {
            if (!(ctx.context.returned instanceof APIError)) await recordSuccess(ctx, ctx.context.returned);
          }),
        },
      ],
    },
  }) satisfies BetterAuthPlugin;

async function recordSuccess(ctx: GenericEndpointContext, returned: unknown): Promise<void> {
  const describe = EVENTS[ctx.path ?? ""];
  if (!describe) return;
  const involved = ctx.headers && parties.get(ctx.headers);
  const { newSession } = ctx.context;
  const { type, details, ...named } = describe({
    body: ctx.body ?? {},
    ownerId: involved?.ownerId,
    returned,
  });
  const subjectId = "subjectId" in named ? named.subjectId : (involved?.callerId ?? newSession?.user.id);
  if (!subjectId) return;
  await recordEvent(ctx.context.adapter, {
    type,
    actorId: involved?.actorId ?? newSession?.user.id,
    subjectId,
    details,
    ipAddress: ctx.headers ? getIP(ctx.headers, ctx.context.options) : null,
    userAgent: ctx.headers?.get("user-agent"),
  });
}
