import { randomUUID } from "node:crypto";
import { currentMinting } from "./minting.ts";
import type { TokenState } from "./store.ts";

/** The claims besides `iss` and `sub`, which Better Auth's jwt plugin adds, as it does the usual `aud`. */
export interface DefinedClaims {
  aud?: string;
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

/** Whom the claims are of. */
export interface ClaimsSubject {
  user: { email: string; emailVerified: boolean; name: string };
  session: { id: string; impersonatedBy?: unknown };
  roles: string[];
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

/** The claims of a token that is minted at `now` (seconds) and lives `lifetime` seconds, but never longer than its session;
 * what was decided of it before stays so. */
export function defineClaims(
  { user, session, roles }: ClaimsSubject,
  { version, expiresAt }: Pick<TokenState, "version" | "expiresAt">,
  { now, lifetime, scopes }: { now: number; lifetime: number; scopes: string[] },
): DefinedClaims {
  const { audience, iat = now, jti = randomUUID() } = currentMinting();
  const actor = session.impersonatedBy;
  return {
    ...(audience !== undefined && { aud: audience }),
    iat,
    exp: Math.min(iat + lifetime, Math.floor(expiresAt.getTime() / 1000)),
    jti,
    sid: String(session.id),
    ver: version,
    scope: [...new Set(scopes)].sort().join(" "),
    roles,
    email: user.email,
    email_verified: user.emailVerified,
    name: user.name,
    ...(typeof actor === "string" && actor && { act: { sub: actor } }),
  };
}
