import { createAuthMiddleware } from "better-auth/api";
import { setRequestCookie } from "better-auth/cookies";
import { withHeaders } from "../backend-for-frontend/with-headers.ts";
import { bearerOf, refuseToken, sessionCookieValue, sessionOfToken } from "./access-token.ts";
import type { Runtime } from "./runtime.ts";

/** Where an access token stands for its session, so that a client without cookies can end it. */
const PATHS = new Set([
  "/sign-out",
  "/revocation/sessions",
  "/revocation/sessions/end",
  "/revocation/sessions/end-others",
  "/revocation/sessions/end-all",
]);

/** `request` without its cookies where an access token stands for the session: only the token counts. It needs no `Origin`
 * then: a page of another site can't send the header without a CORS preflight (Fetch, section 4.10). */
export function byTokenAlone(request: Request): Request {
  if (!request.headers.has("cookie") || bearerOf(request.headers) === undefined) return request;
  const { pathname } = new URL(request.url);
  if (![...PATHS].some((path) => pathname.endsWith(path))) return request;
  const headers = new Headers(request.headers);
  headers.delete("cookie");
  return withHeaders(request, headers);
}

type Called = { path?: string; headers?: Headers | undefined };

const isByToken = ({ path, headers }: Called): boolean =>
  path !== undefined && PATHS.has(path) && bearerOf(headers) !== undefined;

/** Lets the holder of an access token do what its session may, on a few paths. A token that is not good is a 401 there:
 * nothing proved, nothing ended. */
export const acceptAccessToken = (runtime: Runtime) => ({
  matcher: isByToken,
  handler: createAuthMiddleware(async (ctx) => {
    const found = await sessionOfToken(runtime, ctx, bearerOf(ctx.headers) ?? "");
    if (typeof found === "string") throw refuseToken(found);
    // For the hooks after this one, which see the request's own headers.
    ctx.context.session = { session: found.session, user: found.user };
    const headers = new Headers(ctx.headers);
    const { name } = ctx.context.authCookies.sessionToken;
    setRequestCookie(headers, name, await sessionCookieValue(ctx, found.session));
    return { context: { headers } };
  }),
});

/** The holder of an access token gets no cookies: neither the session's, which allow more than the token does, nor their
 * removal. */
export const withoutCookies = {
  matcher: isByToken,
  handler: createAuthMiddleware(async ({ context }) => {
    context.responseHeaders?.delete("set-cookie");
  }),
};

/** A sign-out that proves no session ends nothing, and says so; Better Auth's own says success. */
export const refuseEmptySignOut = {
  matcher: ({ path, headers }: Called) => path === "/sign-out" && bearerOf(headers) === undefined,
  handler: createAuthMiddleware(async (ctx) => {
    // A call of the server's own may have no headers at all.
    if (!ctx.headers || ctx.getCookie(ctx.context.authCookies.sessionToken.name)) return;
    throw refuseToken("TOKEN_MISSING");
  }),
};
