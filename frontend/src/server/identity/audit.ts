import type { DBAdapter } from "better-auth";

/** What can have happened to an account. */
export type AuditType =
  | "signed_up"
  | "signed_in"
  | "sign_in_failed"
  | "signed_out"
  | "password_changed"
  | "password_reset"
  | "session_ended"
  | "other_sessions_ended"
  | "all_sessions_ended"
  | "tokens_revoked"
  | "token_reused"
  | "role_changed"
  | "banned"
  | "unbanned"
  | "impersonated"
  | "impersonation_ended"
  | "user_changed"
  | "user_deleted";

/** One entry: `actorId` did `type` to `subjectId`; no actor means the operator, at the command line, or for a failed sign-in a stranger. */
export type AuditEvent = {
  id: string;
  type: AuditType;
  actorId?: string | null | undefined;
  subjectId: string;
  details?: string | null | undefined;
  ipAddress?: string | null | undefined;
  userAgent?: string | null | undefined;
  createdAt: Date;
};

type EventStore = { create(entry: { model: string; data: Record<string, unknown> }): Promise<unknown> };

export async function recordEvent(
  store: EventStore,
  event: Omit<AuditEvent, "id" | "createdAt">,
): Promise<void> {
  await store.create({
    model: "auditEvent",
    data: { ...event, createdAt: nextMoment() },
  });
}

let latest = 0;

/** Now; later than the last one by a millisecond at least, because events are told in the order of their times. */
function nextMoment(): Date {
  const now = Date.now();
  const isSameMoment = now <= latest && latest - now < 1_000;
  latest = isSameMoment ? latest + 1 : now;
  return new Date(latest);
}

/** A page of what happened to a user, latest first; `before` is the end of the page before. */
export const eventsOf = (
  adapter: DBAdapter,
  subjectId: string,
  { before, limit }: { before?: Date | undefined; limit: number },
): Promise<AuditEvent[]> =>
  adapter.findMany<AuditEvent>({
    model: "auditEvent",
    where: [
      { field: "subjectId", value: subjectId },
      ...(before ? [{ field: "createdAt", operator: "lt" as const, value: before }] : []),
    ],
    sortBy: { field: "createdAt", direction: "desc" },
    limit,
  });
