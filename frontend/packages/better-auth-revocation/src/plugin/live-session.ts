import type { GenericEndpointContext, Session, User } from "better-auth";

/** A session that has not ended, and whose it is, as Better Auth gives them. */
export interface LiveSession {
  session: Session & Record<string, unknown>;
  user: User & Record<string, unknown>;
}

/** The user's session of this id; nothing when there is none. */
export async function findLiveSession(
  { context: { adapter, internalAdapter } }: GenericEndpointContext,
  { sid, sub }: { sid: string; sub: string },
): Promise<LiveSession | undefined> {
  const stored = await adapter.findOne<Session>({ model: "session", where: [{ field: "id", value: sid }] });
  const found = stored && (await internalAdapter.findSession(stored.token));
  return found && String(found.user.id) === sub ? found : undefined;
}
