import type { AuthContext, BetterAuthOptions } from "better-auth";
import type { SessionCookieNames } from "./access-token-cookie.ts";

/** The part of Better Auth's context that the backend-for-frontend needs. */
export interface BackendContext {
  options: BetterAuthOptions;
  authCookies: Pick<AuthContext["authCookies"], "sessionToken" | "dontRememberToken">;
  sessionConfig: Pick<AuthContext["sessionConfig"], "updateAge">;
  adapter: {
    findOne<T>(query: { model: string; where: { field: string; value: string }[] }): Promise<T | null>;
  };
  logger: { warn(message: string, ...details: unknown[]): void };
  /** Those that are known without a request. */
  trustedOrigins: string[];
  /** Matches `trustedOrigins` of the object that it is called on. */
  isTrustedOrigin(url: string): boolean;
}

/** The part of what `betterAuth()` returns that the backend-for-frontend needs; its plugins have `revocableJwt()` or
 * Better Auth's own `jwt()`. */
export interface BackendAuth {
  $context: Promise<BackendContext>;
  api: {
    getToken(input: { headers: Headers; asResponse: true }): Promise<Response>;
  };
}

/** The names that Better Auth gives its cookies under its present options. */
export const sessionCookieNames = ({ authCookies }: BackendContext): SessionCookieNames => ({
  sessionToken: authCookies.sessionToken.name,
  dontRemember: authCookies.dontRememberToken.name,
  secure: authCookies.sessionToken.attributes.secure ?? false,
});
