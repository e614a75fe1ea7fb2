import { getJson, postJson } from "#client/json.ts";
import type { EventPage, SessionRecord } from "#client/records.ts";

const PATH = "/api/auth/admin";

/** Users on a page. */
export const PAGE_SIZE = 20;

export interface User {
  id: string;
  name: string;
  email: string;
  role: string | null;
  banned: boolean | null;
  banReason: string | null;
  banExpires: string | null;
  createdAt: string;
}

export interface UserPage {
  users: User[];
  total: number;
}

/* Each throws Refusal, NetworkError or TimeoutError. All may be repeated: they set a state rather than add to it. */

/** A page of users, newest first, whose name or e-mail address contains `search`. */
export async function listUsers(search: string, offset: number): Promise<UserPage> {
  return await getJson(`/api/auth/${usersPath(search, offset)}`);
}

/** The path of a page of users, below `/api/auth/`. */
export const usersPath = (search: string, offset: number): string =>
  `admin/users?${new URLSearchParams({ offset: String(offset), ...(search && { search }) })}`;

export async function listUserSessions(userId: string): Promise<SessionRecord[]> {
  const query = new URLSearchParams({ userId });
  return (await getJson<{ sessions: SessionRecord[] }>(`${PATH}/user/sessions?${query}`)).sessions;
}

export async function endUserSession(userId: string, id: string): Promise<void> {
  await postJson(`${PATH}/user/sessions/end`, { userId, id });
}

/** A page of what happened to a user, latest first. */
export async function listUserActivity(userId: string, after: string | null): Promise<EventPage> {
  return await getJson(`${PATH}/user/activity?${new URLSearchParams({ userId, ...(after && { after }) })}`);
}

export async function setRole(userId: string, role: "user" | "admin"): Promise<void> {
  await postJson(`${PATH}/set-role`, { userId, role }, { retry: true });
}

/** @param seconds how long; undefined until it is lifted */
export async function suspend(userId: string, reason: string, seconds: number | undefined): Promise<void> {
  const term = seconds === undefined ? {} : { banExpiresIn: seconds };
  await postJson(`${PATH}/ban-user`, { userId, banReason: reason, ...term }, { retry: true });
}

export async function liftSuspension(userId: string): Promise<void> {
  await postJson(`${PATH}/unban-user`, { userId }, { retry: true });
}

export async function endUserSessions(userId: string): Promise<void> {
  await postJson(`${PATH}/revoke-user-sessions`, { userId }, { retry: true });
}

/** With all that belongs to it; the API erases what it holds within a minute. */
export async function deleteUser(userId: string): Promise<void> {
  await postJson(`${PATH}/remove-user`, { userId });
}
