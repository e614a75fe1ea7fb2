import { randomUUID } from "node:crypto";
import type { TokenSubject } from "./options.ts";
import type { TokenState } from "./store.ts";

/** The claims besides `iss`, `aud` and `sub`, which Better Auth's jwt plugin adds. */
export interface DefinedClaims {
  iat: number;
  /** Never later than the session's end. */
  exp: number;
  jti: string;
  /** The session's id, never its token. */
  sid: string;
  /** The user's token version: a lower one than the present is revoked. */
  ver: number;
  scope: string;
  roles: string[];
  email: string;
  email_verified: boolean;
  name: string;
  /** Who acts as the subject: an administrator (RFC 8693, section 4.1). */
  act?: { sub: string };
}

/** Roles as Better Auth's admin plugin keeps them: comma-separated, none being `user`. */
export const rolesOf = (role: string | null | undefined): string[] => [
  ...new Set(
    (role || "user")
      .split(",")
      .map((name) => name.trim())
      .filter(Boolean),
  ),
];

/** The claims of a token minted at `now` (seconds). */
export function defineClaims(
  { user, session, roles }: TokenSubject,
  state: TokenState,
  { now, lifetime, scopes }: { now: number; lifetime: number; scopes: string[] },
): DefinedClaims {
  const actor = session["impersonatedBy"];
  return {
    iat: now,
    exp: Math.min(now + lifetime, Math.floor(state.expiresAt.getTime() / 1000)),
    jti: randomUUID(),
    sid: String(session.id),
    ver: state.version,
    scope: [...new Set(scopes)].sort().join(" "),
    roles,
    email: user.email,
    email_verified: user.emailVerified,
    name: user.name,
    ...(typeof actor === "string" && { act: { sub: actor } }),
  };
}
