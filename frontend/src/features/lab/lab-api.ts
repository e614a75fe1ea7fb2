import { postJson } from "#client/json.ts";
import type { Way } from "#contract/lab.ts";

/* Each of these throws Refusal, NetworkError or TimeoutError. */

/** Milliseconds. In development the server compiles what answers first. */
const OPEN_TIMEOUT = 60_000;

/** Opens a lab; its id. */
export async function openLab(): Promise<string> {
  return (await postJson<{ id: string }>("/api/lab", {}, { timeout: OPEN_TIMEOUT })).id;
}

export const eventsOf = (id: string): EventSource => new EventSource(`/api/lab/${id}/events`);

export const revokeToken = (id: string, way: Way): Promise<unknown> =>
  postJson(`/api/lab/${id}/revoke`, { way });

export const issueToken = (id: string): Promise<unknown> => postJson(`/api/lab/${id}/token`);

export const setFeed = (id: string, process: number, following: boolean): Promise<unknown> =>
  postJson(`/api/lab/${id}/feed`, { process, following });
