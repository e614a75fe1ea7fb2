import { getJson, postJson } from "#client/json.ts";

const PATH = "/api/auth/account";

export interface Device {
  browser?: string;
  os?: string;
  kind: "desktop" | "mobile" | "tablet" | "other";
}

export interface AccountSession {
  id: string;
  current: boolean;
  createdAt: string;
  lastSeenAt: string;
  expiresAt: string;
  device: Device;
  ipAddress: string | null;
  /** Country of the address. */
  place: string | null;
}

export interface AccountEvent {
  id: string;
  type: string;
  at: string;
  actor: "you" | "administrator" | "operator" | "system" | "unknown";
  details: string | null;
  device: Device;
  ipAddress: string | null;
  place: string | null;
}

/* Each throws Refusal, NetworkError or TimeoutError. Ending what has ended already changes nothing: safe to repeat. */

export async function listSessions(): Promise<AccountSession[]> {
  const { sessions } = await getJson<{ sessions: AccountSession[] }>(`${PATH}/sessions`);
  return sessions;
}

export async function endSession(id: string): Promise<void> {
  await postJson(`${PATH}/sessions/end`, { id });
}

export async function endOtherSessions(): Promise<void> {
  await postJson(`${PATH}/sessions/end-others`, {}, { retry: true });
}

export async function endAllSessions(): Promise<void> {
  await postJson(`${PATH}/sessions/end-all`, {}, { retry: true });
}

/** A page of what happened lately, latest first; `next` leads to the page after. */
export async function listActivity(
  after: string | null,
): Promise<{ events: AccountEvent[]; next: string | null }> {
  return await getJson(`${PATH}/activity${after ? `?${new URLSearchParams({ after })}` : ""}`);
}

/** Ends every other session too. */
export async function changePassword(currentPassword: string, newPassword: string): Promise<void> {
  await postJson("/api/auth/change-password", { currentPassword, newPassword });
}
