import "server-only";
import { headers } from "next/headers";
import { env } from "#server/env.ts";
import { withPresentCookies } from "#server/identity/cookies.ts";
import { auth } from "#server/identity/server.ts";
import { log, summarize } from "#server/log.ts";

/** Reads `/api/auth/<path>` as the visitor of the page, for its first rendering; undefined when that fails, and the page then
 * requests it itself. */
export async function readFromIdentity<T>(path: string): Promise<T | undefined> {
  const sent = new Headers(withPresentCookies(await headers()));
  sent.set("accept", "application/json");
  try {
    const url = new URL(`/api/auth/${path}`, env().BETTER_AUTH_URL);
    // A page can't set the cookie that a session gets as it slides.
    url.searchParams.set("disableRefresh", "true");
    const answer = await auth().handler(new Request(url, { headers: sent }));
    return answer.ok ? ((await answer.json()) as T) : undefined;
  } catch (error) {
    log("warn", "page_data_not_read", { cause: summarize(error) });
    return undefined;
  }
}
