import { decodeJwt } from "jose";
import { auth } from "#lib/auth/server.ts";
import { env } from "#lib/env.ts";
import { throwNotedFailure } from "#lib/request-scope.ts";

/** An access token and the seconds that it lives. */
export type AccessToken = { accessToken: string; expiresIn: number };

/** What a minting leaves for the browser besides the token: the sliding session's cookies. */
export type MintedToken = AccessToken & { setCookies: string[] };

/** Mints an access token for the session in `headers`' cookies, or nothing when that session is dead.
 * @throws APIError when the user may not have one, or the database can't be reached. */
export async function mintAccessToken(headers: Headers): Promise<MintedToken | undefined> {
  const response = await auth().api.getToken({ headers: onlySession(headers), asResponse: true });
  if (response.status === 401) {
    // Better Auth also answers 401 when it could not look the session up.
    throwNotedFailure();
    return undefined;
  }
  if (!response.ok) throw new MintingRefused(response);
  const { token } = (await response.json()) as { token: string };
  const { exp = 0, iat = 0 } = decodeJwt(token);
  return { accessToken: token, expiresIn: exp - iat, setCookies: response.headers.getSetCookie() };
}

/** The identity provider's own refusal to mint, to be passed on. */
export class MintingRefused extends Error {
  readonly response: Response;

  constructor(response: Response) {
    super(`the identity provider answered ${response.status}`);
    this.response = response;
  }
}

function onlySession(headers: Headers): Headers {
  return new Headers({ cookie: headers.get("cookie") ?? "" });
}

const secure = () => env().BETTER_AUTH_URL.startsWith("https://");

/** Name of the HttpOnly cookie that holds the browser's access token. */
export const accessTokenCookieName = () => (secure() ? "__Host-access_token" : "access_token");

/** A `Set-Cookie` value that hands the token to the browser, out of JavaScript's reach. */
export const accessTokenCookie = ({ accessToken, expiresIn }: AccessToken): string =>
  `${accessTokenCookieName()}=${accessToken}; ${attributes(expiresIn)}`;

/** A `Set-Cookie` value that takes it back. */
export const clearedAccessTokenCookie = (): string => `${accessTokenCookieName()}=; ${attributes(0)}`;

const attributes = (maxAge: number) =>
  `Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Lax${secure() ? "; Secure" : ""}`;
