import { getJson, postJson } from "#client/json.ts";

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

/** A page of users, newest first, whose e-mail address contains `search`. */
export async function listUsers(search: string, offset: number): Promise<UserPage> {
  const query = new URLSearchParams({
    limit: String(PAGE_SIZE),
    offset: String(offset),
    sortBy: "createdAt",
    sortDirection: "desc",
    ...(search && { searchValue: search, searchField: "email" }),
  });
  return await getJson(`${PATH}/list-users?${query}`);
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
