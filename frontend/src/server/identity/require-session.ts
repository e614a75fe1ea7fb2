import { cookies } from "next/headers";
import { redirect } from "next/navigation";
import { signInPath } from "#contract/return-to.ts";
import { getSession } from "#server/identity/session.ts";

/** The session that a page is for. Without one the person goes to sign-in, told why, and comes back to `path`. */
export async function requireSession(path: string) {
  const session = await getSession();
  if (session) return session;
  const hadSession = (await cookies()).getAll().some(({ name }) => name.endsWith("session_token"));
  redirect(signInPath({ reason: hadSession ? "ended" : "sign_in_required", returnTo: path }));
}
