import { decodeJwt } from "jose";
import { throwNotedFailure } from "#server/http/request-scope.ts";
import type { ClientKind } from "#server/identity/client-kind.ts";
import { withPresentCookies } from "#server/identity/cookies.ts";
import { auth } from "#server/identity/server.ts";
import { mintingFor } from "#server/identity/token-holder.ts";

/** An access token and the seconds that it lives. */
export type AccessToken = { accessToken: string; expiresIn: number };

/** What a minting leaves for the browser besides the token: the sliding session's cookies. */
export type MintedToken = AccessToken & { setCookies: string[] };

/** Mints an access token for the session in `headers`' cookies, or nothing when that session is dead.
 * @param holder who gets it; a browser's session gets none but for the HttpOnly cookie
 * @throws APIError when the user may not have one, or the database can't be reached. */
export async function mintAccessToken(
  headers: Headers,
  holder: ClientKind,
): Promise<MintedToken | undefined> {
  const cookies = onlySession(withPresentCookies(headers));
  const response = await mintingFor(holder, () =>
    auth().api.getToken({ headers: cookies, asResponse: true }),
  );
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
