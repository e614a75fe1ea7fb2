import type { BetterAuthPlugin, GenericEndpointContext } from "better-auth";
import { APIError, createAuthMiddleware, getIP, getSessionFromCtx } from "better-auth/api";
import { type AuditType, recordEvent } from "#lib/auth/audit.ts";

type Recorded = { type: AuditType; subjectId?: string | undefined; details?: string | undefined };

/** What each endpoint's success is recorded as; `body` is what the caller sent. */
const EVENTS: Record<string, (body: Record<string, string | undefined>) => Recorded> = {
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
  "/admin/set-role": ({ userId, role }) => ({
    type: "role_changed",
    subjectId: userId,
    details: String(role),
  }),
  "/admin/ban-user": ({ userId, banReason }) => ({ type: "banned", subjectId: userId, details: banReason }),
  "/admin/unban-user": ({ userId }) => ({ type: "unbanned", subjectId: userId }),
  "/admin/revoke-user-sessions": ({ userId }) => ({ type: "all_sessions_ended", subjectId: userId }),
  "/admin/set-user-password": ({ userId }) => ({ type: "password_changed", subjectId: userId }),
  "/admin/impersonate-user": ({ userId }) => ({ type: "impersonated", subjectId: userId }),
  "/admin/update-user": ({ userId }) => ({ type: "user_changed", subjectId: userId }),
  "/admin/remove-user": ({ userId }) => ({ type: "user_deleted", subjectId: userId }),
};

/** Remembers who called, since the call itself may end their session. */
const callers = new WeakMap<Headers, string>();

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
            const session = ctx.headers && (await getSessionFromCtx(ctx));
            if (session && ctx.headers) callers.set(ctx.headers, session.user.id);
          }),
        },
      ],
      after: [
        {
          matcher: isAudited,
          handler: createAuthMiddleware(async (ctx) => {
            if (!(ctx.context.returned instanceof APIError)) await recordSuccess(ctx);
          }),
        },
      ],
    },
  }) satisfies BetterAuthPlugin;

async function recordSuccess(ctx: GenericEndpointContext): Promise<void> {
  const describe = EVENTS[ctx.path ?? ""];
  if (!describe) return;
  const actorId = ctx.context.newSession?.user.id ?? (ctx.headers && callers.get(ctx.headers));
  const { type, subjectId = actorId, details } = describe(ctx.body ?? {});
  if (!subjectId) return;
  await recordEvent(ctx.context.adapter, {
    type,
    actorId: type === "impersonated" ? ctx.headers && callers.get(ctx.headers) : actorId,
    subjectId,
    details,
    ipAddress: ctx.headers ? getIP(ctx.headers, ctx.context.options) : null,
    userAgent: ctx.headers?.get("user-agent"),
  });
}
