import { readCookie } from "better-auth-revocation/server";
import {
  accessTokenCookie,
  replacementCookies,
  sessionCookieName,
  withPresentCookies,
} from "#server/identity/cookies.ts";

/** Completes an answer's cookies: those of a former name go, and so does an access token whose session was replaced. */
export function withBrowserCookies(sent: Headers, answer: Headers): void {
  const set = answer.getSetCookie();
  if (!set.length && withPresentCookies(sent) === sent) return;
  for (const cookie of replacementCookies(sent, set)) answer.append("Set-Cookie", cookie);
  const name = sessionCookieName();
  const replaced = set.findLast((cookie) => cookie.startsWith(`${name}=`))?.split(";", 1)[0];
  const token = accessTokenCookie();
  if (replaced === undefined || readCookie(sent, token.name) === undefined) return;
  const next = token.sessionIn(new Headers({ cookie: replaced }));
  if (next !== token.sessionIn(withPresentCookies(sent))) answer.append("Set-Cookie", token.clear());
}
