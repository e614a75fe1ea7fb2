import type { GenericEndpointContext, Session, User } from "better-auth";

/** A live session and its user, as Better Auth returns them. */
export interface LiveSession {
  session: Session & Record<string, unknown>;
  user: User & Record<string, unknown>;
}

/** The user's live session with this id; undefined when there is none. */
export async function findLiveSession(
  { context: { adapter, internalAdapter } }: GenericEndpointContext,
  { sid, sub }: { sid: string; sub: string },
): Promise<LiveSession | undefined> {
  const stored = await adapter.findOne<Session>({ model: "session", where: [{ field: "id", value: sid }] });
  const found = stored && (await internalAdapter.findSession(stored.token));
  return found && String(found.user.id) === sub ? found : undefined;
}
