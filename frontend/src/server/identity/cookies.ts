import { AccessTokenCookie, type CookiePair, cookiePairs } from "better-auth-revocation/server";
import { env } from "#server/env.ts";

/** Whether cookies may carry `Secure`, and with it the prefix `__Host-` (RFC 6265bis, section 4.1.3.2). */
export const secureCookies = (): boolean => env().BETTER_AUTH_URL.startsWith("https://");

/** Prefix of Better Auth's own cookies. */
export const cookiePrefix = (origin: string): string =>
  origin.startsWith("https://") ? "__Host-better-auth" : "better-auth";

/** What that prefix was on https before; such a cookie is taken and replaced, so that nobody is signed out. */
const FORMER_PREFIX = "__Secure-better-auth";

export const sessionCookieName = (): string => `${cookiePrefix(env().BETTER_AUTH_URL)}.session_token`;

/** The HttpOnly cookie that holds the browser's access token, beside Better Auth's cookies as they are named here. */
export const accessTokenCookie = (): AccessTokenCookie =>
  new AccessTokenCookie({
    sessionToken: sessionCookieName(),
    dontRemember: `${cookiePrefix(env().BETTER_AUTH_URL)}.dont_remember`,
    secure: secureCookies(),
  });

/** The request's headers with cookies of the former prefix under the present one; what has the present one wins. */
export function withPresentCookies(headers: Headers): Headers {
  const pairs = cookiePairs(headers.get("cookie"));
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
  const pairs = cookiePairs(headers.get("cookie"));
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

const hasFormerDontRemember = (pairs: CookiePair[]) =>
  pairs.some(([name]) => name === `${FORMER_PREFIX}.dont_remember`);

const isFormer = (name: string) => secureCookies() && name.startsWith(`${FORMER_PREFIX}.`);

const presentName = (name: string) => name.replace(FORMER_PREFIX, cookiePrefix(env().BETTER_AUTH_URL));
