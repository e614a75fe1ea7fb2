import { getJson, postJson } from "#client/json.ts";
import type { EventPage, SessionRecord } from "#client/records.ts";

const PATH = "/api/auth/account";

/* Each throws Refusal, NetworkError or TimeoutError. Ending what has ended already changes nothing: safe to repeat. */

export async function listSessions(): Promise<SessionRecord[]> {
  const { sessions } = await getJson<{ sessions: SessionRecord[] }>(`${PATH}/sessions`);
  return sessions;
}

/** Milliseconds until every API process refused its token, by the database's record; null when that is not known. */
export async function endSession(id: string): Promise<number | null> {
  const { refusedAfter } = await postJson<{ refusedAfter?: number | null }>(`${PATH}/sessions/end`, { id });
  return refusedAfter ?? null;
}

export async function endOtherSessions(): Promise<void> {
  await postJson(`${PATH}/sessions/end-others`, {}, { retry: true });
}

export async function endAllSessions(): Promise<void> {
  await postJson(`${PATH}/sessions/end-all`, {}, { retry: true });
}

/** A page of what happened lately, latest first; `next` leads to the page after. */
export async function listActivity(after: string | null): Promise<EventPage> {
  return await getJson(`${PATH}/activity${after ? `?${new URLSearchParams({ after })}` : ""}`);
}

/** Ends every other session too. */
export async function changePassword(currentPassword: string, newPassword: string): Promise<void> {
  await postJson("/api/auth/change-password", { currentPassword, newPassword });
}

export async function setName(name: string): Promise<void> {
  await postJson(`${PATH}/name`, { name }, { retry: true });
}

/** Deletes the account with all that belongs to it, here and at the API. */
export async function deleteAccount(password: string): Promise<void> {
  await postJson(`${PATH}/delete`, { password });
}
