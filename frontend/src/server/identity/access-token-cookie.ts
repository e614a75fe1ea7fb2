import { createHmac, timingSafeEqual } from "node:crypto";
import type { AccessToken } from "#server/identity/access-token.ts";
import { isForgottenOnClose, readCookie, secureCookies, sessionTokenIn } from "#server/identity/cookies.ts";

/** Name of the HttpOnly cookie that holds the browser's access token. */
export const accessTokenCookieName = () => (secureCookies() ? "__Host-access_token" : "access_token");

/** A `Set-Cookie` value that hands the token to the browser, out of JavaScript's reach, bound to the session whose cookie
 * is in `headers`, and for as long as that one stays. */
export function accessTokenCookie(token: AccessToken, headers: Headers): string {
  const session = sessionTokenIn(headers);
  if (!session) throw new Error("an access token's cookie needs its session's");
  return tokenCookie(token, session, isForgottenOnClose(headers));
}

/** The same, bound to the session whose secret token this is. */
export function tokenCookie(
  { accessToken, expiresIn }: AccessToken,
  session: string,
  forgottenOnClose: boolean,
): string {
  const life = forgottenOnClose ? "" : `; Max-Age=${expiresIn}`;
  return `${accessTokenCookieName()}=${accessToken}.${binding(accessToken, session)}; ${attributes()}${life}`;
}

/** A `Set-Cookie` value that takes it back. */
export const clearedAccessTokenCookie = (): string =>
  `${accessTokenCookieName()}=; ${attributes()}; Max-Age=0`;

/** The access token that a browser holds, dead or alive, if it was minted from the session that it now sends; a token left
 * over from another session is none. */
export function boundAccessToken(headers: Headers): string | undefined {
  const value = readCookie(headers, accessTokenCookieName());
  const session = sessionTokenIn(headers);
  const end = value?.lastIndexOf(".") ?? -1;
  if (!value || !session || end < 0) return undefined;
  const token = value.slice(0, end);
  const [given, expected] = [value.slice(end + 1), binding(token, session)].map((text) => Buffer.from(text));
  return given && expected && given.length === expected.length && timingSafeEqual(given, expected)
    ? token
    : undefined;
}

/** The access token of the session that a browser has or had last, to tell why that one is over. */
export function lastAccessToken(headers: Headers): string | undefined {
  if (sessionTokenIn(headers)) return boundAccessToken(headers);
  const value = readCookie(headers, accessTokenCookieName());
  return value?.slice(0, Math.max(value.lastIndexOf("."), 0)) || undefined;
}

/** Ties a token to its session without a look-up: only who knows the session's secret token can make it. */
const binding = (accessToken: string, session: string) =>
  createHmac("sha256", session).update(accessToken).digest("base64url");

const attributes = () => `Path=/; HttpOnly; SameSite=Lax${secureCookies() ? "; Secure" : ""}`;
