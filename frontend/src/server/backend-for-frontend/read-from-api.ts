import "server-only";
import { decodeJwt } from "jose";
import { headers } from "next/headers";
import { proxyToApi } from "#server/backend-for-frontend/proxy.ts";
import { env } from "#server/env.ts";
import { accessTokenCookie, withPresentCookies } from "#server/identity/cookies.ts";
import { log, summarize } from "#server/log.ts";

/** Seconds that a token must have left to be worth a try. */
const MARGIN = 5;

/** What the API answers at `/api/<path>` to who is looking at the page, for its first rendering; nothing when that can't be
 * had at once. The page then asks by itself, by which an access token is renewed: a page can't set cookies. */
export async function readFromApi<T>(path: string): Promise<T | undefined> {
  const sent = new Headers(withPresentCookies(await headers()));
  const token = accessTokenCookie().held(sent);
  if (!token || (decodeJwt(token).exp ?? 0) < Date.now() / 1000 + MARGIN) return undefined;
  sent.set("accept", "application/json");
  for (const name of ["accept-encoding", "if-none-match", "if-modified-since", "range"]) sent.delete(name);
  try {
    const url = new URL(`/api/backend/${path}`, env().BETTER_AUTH_URL);
    const answer = await proxyToApi(new Request(url, { headers: sent }), path.split("/"), { mint: false });
    return answer.ok ? ((await answer.json()) as T) : undefined;
  } catch (error) {
    log("warn", "page_data_not_read", { cause: summarize(error) });
    return undefined;
  }
}
