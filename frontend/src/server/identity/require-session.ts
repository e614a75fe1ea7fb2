import { cookies, headers } from "next/headers";
import { redirect } from "next/navigation";
import { cache } from "react";
import { PAGE_PATH } from "#contract/page-path.ts";
import { signInPath } from "#contract/return-to.ts";
import { getSession } from "#server/identity/session.ts";

/** The session that a page is for, read once for the page and its layouts. Without one the person goes to sign-in, told
 * why, and comes back. */
export const requireSession = cache(async () => {
  const session = await getSession();
  if (session) return session;
  const hadSession = (await cookies()).getAll().some(({ name }) => name.endsWith("session_token"));
  const returnTo = (await headers()).get(PAGE_PATH) ?? "/notes";
  redirect(signInPath({ reason: hadSession ? "ended" : "sign_in_required", returnTo }));
});
