import { postJson } from "#client/json.ts";
import type { Way } from "#contract/lab.ts";

/* Each of these throws Refusal, NetworkError or TimeoutError. */

/** Opens a lab; its id. */
export async function openLab(): Promise<string> {
  return (await postJson<{ id: string }>("/api/lab")).id;
}

export const eventsOf = (id: string): EventSource => new EventSource(`/api/lab/${id}/events`);

export const revokeToken = (id: string, way: Way): Promise<unknown> =>
  postJson(`/api/lab/${id}/revoke`, { way });

export const issueToken = (id: string): Promise<unknown> => postJson(`/api/lab/${id}/token`);

export const setFeed = (id: string, process: number, following: boolean): Promise<unknown> =>
  postJson(`/api/lab/${id}/feed`, { process, following });
