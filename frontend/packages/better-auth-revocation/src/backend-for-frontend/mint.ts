import type { Session } from "better-auth";
import { decodeJwt } from "jose";
import type { AccessToken } from "./access-token-cookie.ts";
import type { BackendAuth } from "./auth.ts";
import { hostHeaders } from "./host-headers.ts";
import { mintingFor } from "./minting-for.ts";

/** What a minting leaves for the browser besides the token: the sliding session's cookies. */
export interface MintedToken extends AccessToken {
  setCookies: string[];
}

/** The identity provider's own refusal to mint, to be passed on. */
export class MintingRefused extends Error {
  readonly response: Response;

  constructor(response: Response) {
    super(`the identity provider answered ${response.status}`);
    this.response = response;
  }
}

/** A second look, after a failure that Better Auth has answered as if nobody were signed in. */
const ATTEMPTS = 2;

/** Mints a browser's access token for the session whose cookie is in `request`, or nothing when that session is over.
 * @param sessionToken of that session
 * @throws MintingRefused when the user may not have one; any other error when the database can't be reached */
export async function mintAccessToken(
  auth: BackendAuth,
  request: Request,
  sessionToken: string,
): Promise<MintedToken | undefined> {
  const headers = hostHeaders(request);
  headers.set("cookie", request.headers.get("cookie") ?? "");
  for (let attempt = 1; ; attempt++) {
    const response = await mintingFor("browser", () => auth.api.getToken({ headers, asResponse: true }));
    if (response.ok) return minted(response);
    if (response.status !== 401) throw new MintingRefused(response);
    // Better Auth also answers 401 when it could not look the session up; this look-up fails then too.
    if (attempt === ATTEMPTS || !(await isAlive(auth, sessionToken))) return undefined;
  }
}

async function minted(response: Response): Promise<MintedToken> {
  const { token } = (await response.json()) as { token: string };
  const { exp = 0, iat = 0 } = decodeJwt(token);
  return { accessToken: token, expiresIn: exp - iat, setCookies: response.headers.getSetCookie() };
}

async function isAlive(auth: BackendAuth, token: string): Promise<boolean> {
  const { adapter } = await auth.$context;
  const session = await adapter.findOne<Session>({
    model: "session",
    where: [{ field: "token", value: token }],
  });
  return session !== null && session.expiresAt.getTime() > Date.now();
}
