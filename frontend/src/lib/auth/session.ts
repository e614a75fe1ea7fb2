import { cookies, headers } from "next/headers";
import { accessTokenCookieName } from "#lib/auth/access-token.ts";
import { auth } from "#lib/auth/server.ts";

/** Who is signed in, for server components; nothing when nobody is, or the session has ended.
 * @throws when the database can't be reached. */
export async function getSession() {
  return auth().api.getSession({ headers: await headers(), query: { disableRefresh: true } });
}

/** The access token that the browser holds, dead or alive. */
export async function accessToken(): Promise<string | undefined> {
  return (await cookies()).get(accessTokenCookieName())?.value;
}
