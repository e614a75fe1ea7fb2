import { headers } from "next/headers";
import { accessTokenCookie, withPresentCookies } from "#server/identity/cookies.ts";
import { auth } from "#server/identity/server.ts";

/** Who is signed in, for server components; nothing when nobody is, or the session has ended.
 * @throws when the database can't be reached. */
export async function getSession() {
  return sessionIn(await headers());
}

/** Whether somebody is signed in. While that can't be told nobody is: for the pages that are there for everybody. */
export async function isSignedIn(): Promise<boolean> {
  const sent = await headers();
  return Boolean(await sessionIn(sent).catch(() => null));
}

const sessionIn = (sent: Headers) =>
  auth().api.getSession({ headers: withPresentCookies(sent), query: { disableRefresh: true } });

/** The access token of the browser's last session, dead or alive. */
export async function lastToken(): Promise<string | undefined> {
  return accessTokenCookie().last(withPresentCookies(await headers()));
}
