import type { Session } from "better-auth";
import { z } from "zod";
import type { AuditEvent } from "#server/identity/audit.ts";
import { parseDevice } from "#server/identity/device.ts";
import { placeOf } from "#server/identity/place.ts";

/** A session as its user and an administrator see it: everything but its token. `currentId`: the one that asks. */
export const describeSession = async (session: Session, currentId?: string) => ({
  id: session.id,
  current: session.id === currentId,
  createdAt: session.createdAt,
  lastSeenAt: session.updatedAt,
  expiresAt: session.expiresAt,
  device: parseDevice(session.userAgent),
  ipAddress: session.ipAddress || null,
  place: (await placeOf(session.ipAddress)) ?? null,
});

/** Lets a page read without refreshing the session; see readFromIdentity. */
export const readQuery = { disableRefresh: z.coerce.boolean().optional() };

export const isLive = ({ expiresAt }: Pick<Session, "expiresAt">): boolean =>
  expiresAt.getTime() > Date.now();

/** Events whose author was not authenticated as the user. */
const BY_STRANGERS: ReadonlySet<string> = new Set(["sign_in_failed", "token_reused"]);

type Actor = "you" | "administrator" | "operator" | "unknown";

const doerOf = ({ actorId }: AuditEvent, userId: string): Actor => {
  if (actorId === userId) return "you";
  return actorId ? "administrator" : "operator";
};

/** What happened to `userId`. With `forAdministrator`, where an administrator did it from is told too. */
export const describeEvent = async (event: AuditEvent, userId: string, forAdministrator = false) => {
  const byStranger = BY_STRANGERS.has(event.type);
  const showsPlace = forAdministrator || byStranger || event.actorId === userId;
  const ended = event.type === "session_ended" && event.details ? parseDevice(event.details) : null;
  const actor: Actor = byStranger ? "unknown" : doerOf(event, userId);
  return {
    id: event.id,
    type: event.type,
    at: event.createdAt,
    actor,
    details: ended ? null : (event.details ?? null),
    /** Whose session was ended, where that is on record. */
    ended,
    device: parseDevice(event.userAgent),
    ipAddress: showsPlace ? (event.ipAddress ?? null) : null,
    place: showsPlace ? ((await placeOf(event.ipAddress)) ?? null) : null,
  };
};

type Described = Awaited<ReturnType<typeof describeEvent>>;

/** One page of events, and where the next one begins. `found` holds `size + 1` events when another page follows. */
export async function pageOf(
  found: readonly AuditEvent[],
  size: number,
  describe: (event: AuditEvent) => Promise<Described>,
): Promise<{ events: Described[]; next: string | null }> {
  const events = found.slice(0, size);
  return {
    events: await Promise.all(events.map(describe)),
    next: found.length > size ? (events.at(-1)?.createdAt.toISOString() ?? null) : null,
  };
}
