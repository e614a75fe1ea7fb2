import { headers } from "next/headers";
import { boundAccessToken } from "#lib/auth/access-token-cookie.ts";
import { withPresentCookies } from "#lib/auth/cookies.ts";
import { auth } from "#lib/auth/server.ts";

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

/** The access token that the browser holds of the session that it names, dead or alive. */
export async function accessToken(): Promise<string | undefined> {
  return boundAccessToken(withPresentCookies(await headers()));
}
