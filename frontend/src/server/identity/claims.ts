import { randomUUID } from "node:crypto";
import type { AccessTokenClaims } from "#contract/claims.ts";
import { permissions } from "#contract/permissions.ts";
import { audienceOfMinting } from "#server/identity/audience.ts";
import { decidedToken } from "#server/identity/decided-token.ts";

type Subject = {
  email: string;
  emailVerified: boolean;
  name: string;
  role?: string | null;
  tokenVersion?: number | null;
};

type TokenSession = { id: string; expiresAt: Date; impersonatedBy?: string | null };

/** The claims that the application decides; Better Auth's jwt plugin adds `iss`, `sub` and the usual `aud`. */
export type DefinedClaims = Omit<AccessTokenClaims, "iss" | "aud" | "sub"> & { aud?: string };

/** Roles of a user as Better Auth's admin plugin keeps them: comma-separated, none being `user`. */
export const rolesOf = (role: string | null | undefined): string[] => [
  ...new Set(
    (role || "user")
      .split(",")
      .map((name) => name.trim())
      .filter(Boolean),
  ),
];

const granted: Record<string, readonly string[]> = permissions.roles;

/** The scopes that any of `roles` grants, sorted. */
export const scopesOf = (roles: string[]): string[] =>
  [...new Set(roles.flatMap((role) => (Object.hasOwn(granted, role) ? (granted[role] ?? []) : [])))].sort();

/** Claims of an access token minted at `now` (seconds) that lives `lifetime` seconds, but never longer than its session. */
export function defineClaims(
  user: Subject,
  session: TokenSession,
  { now, lifetime }: { now: number; lifetime: number },
): DefinedClaims {
  const roles = rolesOf(user.role);
  const audience = audienceOfMinting();
  const { jti, iat } = decidedToken() ?? { jti: randomUUID(), iat: now };
  return {
    ...(audience !== undefined && { aud: audience }),
    iat,
    exp: Math.min(iat + lifetime, Math.floor(session.expiresAt.getTime() / 1000)),
    jti,
    sid: session.id,
    ver: user.tokenVersion ?? 0,
    scope: scopesOf(roles).join(" "),
    roles,
    email: user.email,
    email_verified: user.emailVerified,
    name: user.name,
    ...(session.impersonatedBy && { act: { sub: session.impersonatedBy } }),
  };
}
