import { accessTokenCookie } from "#lib/auth/access-token.ts";
import { issueCredentials, respond } from "#lib/auth/credentials.ts";
import { inRequestScope } from "#lib/request-scope.ts";

/** Signs a browser up or in: the token goes into an HttpOnly cookie, so that JavaScript never sees it. */
export const startBrowserSession = (form: "sign-up" | "sign-in", request: Request): Promise<Response> =>
  inRequestScope(request, async () => {
    const issued = await issueCredentials(form, request);
    if (issued instanceof Response) return issued;
    return respond({ user: issued.user }, [...issued.setCookies, accessTokenCookie(issued)]);
  });
