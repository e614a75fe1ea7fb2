import { accessTokenCookieName, clearedAccessTokenCookie } from "#server/identity/access-token-cookie.ts";
import {
  readCookie,
  replacementCookies,
  sessionCookieName,
  sessionTokenIn,
  withPresentCookies,
} from "#server/identity/cookies.ts";

/** Completes an answer's cookies: those of a former name go, and so does an access token whose session was replaced. */
export function withBrowserCookies(sent: Headers, answer: Headers): void {
  const set = answer.getSetCookie();
  for (const cookie of replacementCookies(sent, set)) answer.append("Set-Cookie", cookie);
  const name = sessionCookieName();
  const replaced = set.findLast((cookie) => cookie.startsWith(`${name}=`))?.split(";", 1)[0];
  if (replaced === undefined || readCookie(sent, accessTokenCookieName()) === undefined) return;
  const next = sessionTokenIn(new Headers({ cookie: replaced }));
  if (next !== sessionTokenIn(withPresentCookies(sent)))
    answer.append("Set-Cookie", clearedAccessTokenCookie());
}
