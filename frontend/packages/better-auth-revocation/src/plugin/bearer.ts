import type { GenericEndpointContext } from "better-auth";
import { createAuthMiddleware } from "better-auth/api";
import { setRequestCookie } from "better-auth/cookies";
import { withHeaders } from "../backend-for-frontend/with-headers.ts";
import { bearerOf, hasJwtForm, refuseToken, sessionCookieValue, sessionOfToken } from "./access-token.ts";
import type { Runtime } from "./runtime.ts";

/** Where an access token stands for its session, so that a client without cookies can end it. */
const PATHS = new Set([
  "/sign-out",
  "/revocation/sessions",
  "/revocation/sessions/end",
  "/revocation/sessions/end-others",
  "/revocation/sessions/end-all",
]);

/** The Bearer credential that may be an access token. Another, such as bearer() takes, is left to Better Auth. */
function jwtOf(headers: Headers | undefined): string | undefined {
  const credential = bearerOf(headers);
  return credential !== undefined && hasJwtForm(credential) ? credential : undefined;
}

/** `request` without its cookies where an access token stands for the session: only the token counts. It needs no `Origin`
 * then: a page of another site can't send the header without a CORS preflight (Fetch, section 4.10). */
export function byTokenAlone(request: Request): Request {
  if (!request.headers.has("cookie") || jwtOf(request.headers) === undefined) return request;
  const { pathname } = new URL(request.url);
  if (![...PATHS].some((path) => pathname.endsWith(path))) return request;
  const headers = new Headers(request.headers);
  headers.delete("cookie");
  return withHeaders(request, headers);
}

type Called = { path?: string; headers?: Headers | undefined };

const isByToken = ({ path, headers }: Called): boolean =>
  path !== undefined && PATHS.has(path) && jwtOf(headers) !== undefined;

/** Lets the holder of an access token do what its session may, on a few paths. A token that is not good is a 401 there:
 * nothing proved, nothing ended. */
export const acceptAccessToken = (runtime: Runtime) => ({
  matcher: isByToken,
  handler: createAuthMiddleware(async (ctx) => {
    const found = await sessionOfToken(runtime, ctx, jwtOf(ctx.headers) ?? "");
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

/** A sign-out that proves no session ends nothing, and says so; Better Auth's own says success. A credential that nobody takes
 * is refused as an access token is: a cookie beside it does not count. */
export const refuseUnproved = {
  matcher: ({ path, headers }: Called) =>
    path === "/sign-out" || (path !== undefined && PATHS.has(path) && bearerOf(headers) !== undefined),
  handler: createAuthMiddleware(async (ctx) => {
    // A call of the server's own may have no headers, or those of a visitor who is not signed in.
    if (!ctx.headers || jwtOf(ctx.headers) !== undefined) return;
    if (bearerOf(ctx.headers) !== undefined) {
      if (!(await isTakenByBearer(ctx))) throw refuseToken("TOKEN_INVALID");
    } else if (ctx.request && !ctx.getCookie(ctx.context.authCookies.sessionToken.name)) {
      throw refuseToken("TOKEN_MISSING");
    }
  }),
};

/** Whether Better Auth's bearer(), where it is among the plugins, takes the credential for a session's. */
async function isTakenByBearer({ context, headers }: GenericEndpointContext): Promise<boolean> {
  const plugin = context.options.plugins?.find(({ id }) => id === "bearer");
  const called = { context, ...(headers && { headers }) };
  for (const { handler } of plugin?.hooks?.before ?? []) if (await handler(called)) return true;
  return false;
}
