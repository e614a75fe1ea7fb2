import { env } from "#server/env.ts";

/** Whether cookies may carry `Secure`, and with it the prefix `__Host-` (RFC 6265bis, section 4.1.3.2). */
export const secureCookies = (): boolean => env().BETTER_AUTH_URL.startsWith("https://");

/** Prefix of Better Auth's own cookies. */
export const cookiePrefix = (origin: string): string =>
  origin.startsWith("https://") ? "__Host-better-auth" : "better-auth";

/** What that prefix was on https before; such a cookie is taken and replaced, so that nobody is signed out. */
const FORMER_PREFIX = "__Secure-better-auth";

export const sessionCookieName = (): string => `${cookiePrefix(env().BETTER_AUTH_URL)}.session_token`;

const dontRememberCookieName = () => `${cookiePrefix(env().BETTER_AUTH_URL)}.dont_remember`;

type Pair = readonly [name: string, value: string];

const pairsIn = (cookieHeader: string | null): Pair[] =>
  (cookieHeader ?? "").split(";").flatMap((part) => {
    const at = part.indexOf("=");
    return at < 1 ? [] : [[part.slice(0, at).trim(), part.slice(at + 1).trim()] as const];
  });

/** The value of a request's cookie, as it was sent. */
export const readCookie = (headers: Headers, name: string): string | undefined =>
  pairsIn(headers.get("cookie")).find(([key]) => key === name)?.[1];

/** The token of the session that a request's cookie names, whether or not its signature is good. */
export function sessionTokenIn(headers: Headers): string | undefined {
  const value = readCookie(headers, sessionCookieName());
  return value?.split(/\.|%2E/i, 1)[0] || undefined;
}

/** Whether the session's cookie goes when the browser is closed. */
export const isForgottenOnClose = (headers: Headers): boolean =>
  readCookie(headers, dontRememberCookieName()) !== undefined;

/** The request's headers with cookies of the former prefix under the present one; what has the present one wins. */
export function withPresentCookies(headers: Headers): Headers {
  const pairs = pairsIn(headers.get("cookie"));
  if (!pairs.some(([name]) => isFormer(name))) return headers;
  const present = new Map(pairs.filter(([name]) => !isFormer(name)));
  for (const [name, value] of pairs) {
    if (isFormer(name) && !present.has(presentName(name))) present.set(presentName(name), value);
  }
  const renamed = new Headers(headers);
  renamed.set("cookie", [...present].map((pair) => pair.join("=")).join("; "));
  return renamed;
}

/** `Set-Cookie` values that replace a request's cookies of the former prefix, after an answer that sets `set` itself. */
export function replacementCookies(headers: Headers, set: readonly string[]): string[] {
  const pairs = pairsIn(headers.get("cookie"));
  const held = new Set([...pairs.map(([name]) => name), ...set.map((cookie) => cookie.split("=", 1)[0])]);
  return pairs
    .filter(([name]) => isFormer(name))
    .flatMap(([name, value]) => {
      const life = name.endsWith(".session_token") && !hasFormerDontRemember(pairs) ? LIFE() : "";
      const taken = held.has(presentName(name))
        ? []
        : [`${presentName(name)}=${value}; ${ATTRIBUTES}${life}`];
      return [...taken, `${name}=; ${ATTRIBUTES}; Max-Age=0`];
    });
}

const ATTRIBUTES = "Path=/; HttpOnly; Secure; SameSite=Lax";
const LIFE = () => `; Max-Age=${env().SESSION_LIFETIME}`;

const hasFormerDontRemember = (pairs: Pair[]) =>
  pairs.some(([name]) => name === `${FORMER_PREFIX}.dont_remember`);

const isFormer = (name: string) => secureCookies() && name.startsWith(`${FORMER_PREFIX}.`);

const presentName = (name: string) => name.replace(FORMER_PREFIX, cookiePrefix(env().BETTER_AUTH_URL));
