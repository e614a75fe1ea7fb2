import { APIError, createAuthMiddleware } from "better-auth/api";
import { setRequestCookie } from "better-auth/cookies";
import { sessionCookieValue, sessionOfToken } from "./access-token.ts";
import { REVOCATION_ERROR_CODES as CODES } from "./error-codes.ts";
import type { Runtime } from "./runtime.ts";

/** Where an access token stands for its session, so that a client without cookies can end it. */
const PATHS = new Set([
  "/sign-out",
  "/revocation/sessions",
  "/revocation/sessions/end",
  "/revocation/sessions/end-others",
  "/revocation/sessions/end-all",
]);

const bearerOf = (headers: Headers | undefined): string | undefined =>
  /^Bearer +(.+)$/i.exec(headers?.get("authorization") ?? "")?.[1]?.trim();

/** Lets the holder of an access token do what its session may, on a few paths. A token that is not good is a 401 there:
 * nothing proved, nothing ended. */
export const acceptAccessToken = (runtime: Runtime) => ({
  matcher: ({ path, headers }: { path?: string; headers?: Headers | undefined }) =>
    path !== undefined && PATHS.has(path) && bearerOf(headers) !== undefined,
  handler: createAuthMiddleware(async (ctx) => {
    const found = await sessionOfToken(runtime, ctx, bearerOf(ctx.headers) ?? "");
    if (typeof found === "string") {
      throw new APIError("UNAUTHORIZED", CODES[found], {
        "WWW-Authenticate": 'Bearer error="invalid_token"',
      });
    }
    const headers = new Headers(ctx.headers);
    const { name } = ctx.context.authCookies.sessionToken;
    setRequestCookie(headers, name, await sessionCookieValue(ctx, found.session));
    return { context: { headers } };
  }),
});

/** A sign-out that proves no session ends nothing, and says so; Better Auth's own says success. */
export const refuseEmptySignOut = {
  matcher: ({ path, headers }: { path?: string; headers?: Headers | undefined }) =>
    path === "/sign-out" && !headers?.has("cookie") && bearerOf(headers) === undefined,
  handler: createAuthMiddleware(async (ctx) => {
    // A call of the server's own may have no headers at all.
    if (!ctx.headers) return;
    throw new APIError("UNAUTHORIZED", CODES.TOKEN_MISSING, { "WWW-Authenticate": "Bearer" });
  }),
};
