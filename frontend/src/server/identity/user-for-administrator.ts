import "server-only";
import { headers } from "next/headers";
import { cache } from "react";
import { withPresentCookies } from "#server/identity/cookies.ts";
import { pageData } from "#server/identity/page-data.ts";
import { describeUser } from "#server/identity/plugins/user-admin.ts";
import { auth } from "#server/identity/server.ts";

/** A user as the administrators' pages show them, dates in ISO 8601; nothing when there is none. Read once for a page and its
 * title. The caller sees to it that it is for an administrator. */
export const userForAdministrator = cache(async (id: string) => {
  const { internalAdapter } = await auth().$context;
  const found = await internalAdapter.findUserById(id);
  if (!found) return undefined;
  const { createdAt, banExpires, ...user } = describeUser(found);
  return { ...user, createdAt: createdAt.toISOString(), banExpires: banExpires?.toISOString() ?? null };
});

/** What that user's page begins with: their sessions and what happened lately. */
export async function recordsForAdministrator(userId: string) {
  const sent = { headers: withPresentCookies(await headers()), query: { userId } };
  const { listSessionsOfUser, listActivityOfUser } = auth().api;
  const [sessions, activity] = await Promise.all([
    pageData(listSessionsOfUser(sent)),
    pageData(listActivityOfUser(sent)),
  ]);
  return { sessions: sessions?.sessions, activity };
}
