import { type DefinedClaims, defineClaims as define, rolesOf } from "better-auth-revocation/composition";
import { permissions } from "#contract/permissions.ts";

type Subject = {
  email: string;
  emailVerified: boolean;
  name: string;
  role?: string | null;
  tokenVersion?: number | null;
};

type TokenSession = { id: string; expiresAt: Date; impersonatedBy?: string | null };

const granted: Record<string, readonly string[]> = permissions.roles;

/** The scopes that any of `roles` grants, sorted. */
export const scopesOf = (roles: string[]): string[] =>
  [...new Set(roles.flatMap((role) => (Object.hasOwn(granted, role) ? (granted[role] ?? []) : [])))].sort();

/** Claims of an access token that is minted at `now` (seconds) with the session that it is for, and lives `lifetime` seconds. */
export function defineClaims(
  user: Subject,
  session: TokenSession,
  terms: { now: number; lifetime: number },
): DefinedClaims {
  const roles = rolesOf(user.role);
  const state = { version: user.tokenVersion ?? 0, expiresAt: session.expiresAt };
  return define({ user, session, roles }, state, { ...terms, scopes: scopesOf(roles) });
}
