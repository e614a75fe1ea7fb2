import { createHmac, timingSafeEqual } from "node:crypto";
import { decodeJwt } from "jose";
import { readCookie } from "./cookies.ts";

/** An access token and the seconds that it lives. */
export interface AccessToken {
  accessToken: string;
  expiresIn: number;
}

/** Better Auth's own cookies, and whether they carry `Secure`. */
export interface SessionCookieNames {
  sessionToken: string;
  dontRemember: string;
  secure: boolean;
}

/** The HttpOnly cookie that holds a browser's access token, where no script can read it.
 *
 * The token is bound to its session by an HMAC under the session's secret token: a token that is left over from another
 * session, or was put there without the session's secret, is ignored. */
export class AccessTokenCookie {
  /** `access_token`; with `Secure`, under the prefix `__Host-` (RFC 6265bis, section 4.1.3.2). */
  readonly name: string;
  readonly #names: SessionCookieNames;

  constructor(names: SessionCookieNames) {
    this.#names = names;
    this.name = names.secure ? "__Host-access_token" : "access_token";
  }

  /** The token of the session that a request's cookie names, whether or not its signature is good. */
  sessionIn(headers: Headers): string | undefined {
    const value = readCookie(headers, this.#names.sessionToken);
    return value?.split(/\.|%2E/i, 1)[0] || undefined;
  }

  /** A `Set-Cookie` value that hands the token to the browser, bound to the session whose cookie is in `headers`, and for
   * as long as that one stays.
   * @throws Error when there is no such cookie */
  set(token: AccessToken, headers: Headers): string {
    const session = this.sessionIn(headers);
    if (!session) throw new Error("an access token's cookie needs its session's");
    return this.setFor(token, session, this.isForgottenOnClose(headers));
  }

  /** Whether the session is one that the browser forgets when it is closed. Better Auth never extends those. */
  isForgottenOnClose(headers: Headers): boolean {
    return readCookie(headers, this.#names.dontRemember) !== undefined;
  }

  /** The same, bound to the session whose secret token this is. */
  setFor({ accessToken, expiresIn }: AccessToken, session: string, forgottenOnClose: boolean): string {
    const life = forgottenOnClose ? "" : `; Max-Age=${expiresIn}`;
    return `${this.name}=${accessToken}.${binding(accessToken, session)}; ${this.#attributes}${life}`;
  }

  /** A `Set-Cookie` value that removes it. */
  clear(): string {
    return `${this.name}=; ${this.#attributes}; Max-Age=0`;
  }

  /** The access token that a browser holds, revoked or not, if it was minted from the session that it now sends. Whoever
   * knows the session's cookie can make one up: it can be decoded, but is verified by the API alone. */
  held(headers: Headers): string | undefined {
    const value = readCookie(headers, this.name);
    const session = this.sessionIn(headers);
    const end = value?.lastIndexOf(".") ?? -1;
    if (!value || !session || end < 0) return undefined;
    const token = value.slice(0, end);
    const [given, expected] = [value.slice(end + 1), binding(token, session)].map((text) =>
      Buffer.from(text),
    );
    const isBound = given && expected && given.length === expected.length && timingSafeEqual(given, expected);
    return isBound && isDecodable(token) ? token : undefined;
  }

  /** The access token of the session that a browser has or had last, from which can be told why that one is over. */
  last(headers: Headers): string | undefined {
    if (this.sessionIn(headers)) return this.held(headers);
    const value = readCookie(headers, this.name);
    return value?.slice(0, Math.max(value.lastIndexOf("."), 0)) || undefined;
  }

  get #attributes(): string {
    return `Path=/; HttpOnly; SameSite=Lax${this.#names.secure ? "; Secure" : ""}`;
  }
}

/** Ties a token to its session without a look-up: only who knows the session's secret token can make it. */
const binding = (accessToken: string, session: string): string =>
  createHmac("sha256", session).update(accessToken).digest("base64url");

function isDecodable(token: string): boolean {
  try {
    decodeJwt(token);
    return true;
  } catch {
    return false;
  }
}
