import "server-only";
import { headers } from "next/headers";
import { withPresentCookies } from "#server/identity/cookies.ts";
import { pageData } from "#server/identity/page-data.ts";
import { auth } from "#server/identity/server.ts";

/** What the account page begins with: the caller's sessions and what happened lately. */
export async function readOwnAccount() {
  const sent = { headers: withPresentCookies(await headers()) };
  const { listOwnSessions, listOwnActivity } = auth().api;
  const [sessions, activity] = await Promise.all([
    pageData(listOwnSessions(sent)),
    pageData(listOwnActivity({ ...sent, query: {} })),
  ]);
  return { sessions: sessions?.sessions, activity };
}
