/** A directive of `Cache-Control` with its argument, a token or a quoted string (RFC 9111, section 5.2). */
const DIRECTIVE = /[^\s,="]+(?:\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^\s,"]*))?/g;
/** What lets shared caches store an answer or speaks to them alone, and `private`, which with an argument covers only fields. */
const FOR_SHARED_CACHES = new Set(["public", "private", "s-maxage", "proxy-revalidate"]);

/** The `Cache-Control` of an answer made for one user: what the API says, but no shared cache may store it. */
export function privateCacheControl(given: string | null): string {
  const directives = given?.match(DIRECTIVE) ?? [];
  if (!directives.length) return "no-store";
  const names = directives.map((one) => (one.split("=", 1)[0] ?? "").trim().toLowerCase());
  const kept = directives.filter((_, at) => !FOR_SHARED_CACHES.has(names[at] ?? ""));
  return (names.includes("no-store") ? kept : ["private", ...kept]).join(", ");
}

/** The `Cache-Control` of an answer that sets a cookie: no cache may store it. */
export const uncached = (given: string | null): string =>
  /\bno-transform\b/i.test(given ?? "") ? "no-store, no-transform" : "no-store";
