const HOME = "/notes";
const BASE = "http://same.origin";

/** The path to go to after sign-in: `value` when it is a path on this very site, else the notes.
 * Refuses what a browser would read as another origin, and the sign-in pages themselves. */
export function safeReturnTo(value: unknown): string {
  if (typeof value !== "string" || !value.startsWith("/") || value.startsWith("//")) return HOME;
  const url = URL.parse(value, BASE);
  if (!url || url.origin !== BASE || url.pathname.startsWith("//")) return HOME;
  if (/^\/(api|sign-in|sign-up|forgot-password|reset-password)(\/|$)/.test(url.pathname)) return HOME;
  return url.pathname + url.search + url.hash;
}

/** The sign-in page's address, with why the person lands there and where they were. */
export function signInPath({ reason, returnTo }: { reason?: string; returnTo?: string } = {}): string {
  const query = new URLSearchParams();
  if (reason) query.set("reason", reason);
  if (returnTo && returnTo !== HOME) query.set("return_to", returnTo);
  return query.size > 0 ? `/sign-in?${query}` : "/sign-in";
}
