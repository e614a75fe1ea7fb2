import { headers } from "next/headers";
import { auth } from "#lib/auth/server.ts";

/** Who is signed in, for server components; nothing when nobody is, or the session has ended.
 * @throws when the database can't be reached. */
export async function getSession() {
  return auth().api.getSession({ headers: await headers(), query: { disableRefresh: true } });
}
