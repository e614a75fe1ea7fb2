import { randomUUID } from "node:crypto";
import type { AuthContext, Session, User } from "better-auth";
import { makeSignature } from "better-auth/crypto";
import { decodeJwt } from "jose";
import type { AccessTokenClaims } from "../plugin/access-token.ts";
import { openingSessionFor } from "../plugin/client-kind.ts";

/** The part of what `betterAuth()` returns that a test signs somebody in with. */
export interface TestedAuth {
  $context: Promise<Pick<AuthContext, "internalAdapter" | "authCookies" | "secret">>;
  api: { getToken(input: { headers: Headers }): Promise<{ token: string }> };
}

/** Somebody who is signed in. */
export interface SignedIn {
  user: User;
  session: Session;
  /** The `Cookie` header that carries the session. */
  cookie: string;
  accessToken: string;
  claims: AccessTokenClaims;
}

/** Creates a user with a session and an access token, without the time that a password's hash takes.
 * @param fields of the user; an address is made where none is given */
export async function signedIn(
  auth: TestedAuth,
  fields: Partial<Pick<User, "email" | "name" | "emailVerified">> & Record<string, unknown> = {},
): Promise<SignedIn> {
  const { internalAdapter, authCookies, secret } = await auth.$context;
  const user = await internalAdapter.createUser(
    { name: "Ada", email: `${randomUUID()}@example.com`, emailVerified: true, ...fields },
    { method: "email-password" },
  );
  const session = await openingSessionFor("token", () => internalAdapter.createSession(user.id));
  const value = encodeURIComponent(`${session.token}.${await makeSignature(session.token, secret)}`);
  const cookie = `${authCookies.sessionToken.name}=${value}`;
  const { token } = await auth.api.getToken({ headers: new Headers({ cookie }) });
  return { user, session, cookie, accessToken: token, claims: decodeJwt(token) };
}
