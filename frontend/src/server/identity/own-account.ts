import "server-only";
import { headers } from "next/headers";
import { withPresentCookies } from "#server/identity/cookies.ts";
import { auth } from "#server/identity/server.ts";
import { log, summarize } from "#server/log.ts";

/** What the account page begins with: the caller's sessions and what happened lately, as their endpoints answer. What can't be
 * had is absent: the page then asks by itself. */
export async function readOwnAccount() {
  const sent = { headers: withPresentCookies(await headers()) };
  const { listOwnSessions, listOwnActivity } = auth().api;
  const [sessions, activity] = await Promise.all([
    orNothing(listOwnSessions(sent)),
    orNothing(listOwnActivity({ ...sent, query: {} })),
  ]);
  return { sessions: sessions?.sessions, activity };
}

/** As it would come over HTTP: dates are texts. */
type Sent<T> = T extends Date ? string : T extends object ? { [Key in keyof T]: Sent<T[Key]> } : T;

async function orNothing<T>(reading: Promise<T>): Promise<Sent<T> | undefined> {
  try {
    return JSON.parse(JSON.stringify(await reading)) as Sent<T>;
  } catch (error) {
    log("warn", "page_data_not_read", { cause: summarize(error) });
    return undefined;
  }
}
