import "server-only";
import { safeReturnTo, signInPath } from "#contract/return-to.ts";
import { proxyToApi } from "#server/backend-for-frontend/proxy.ts";
import { FAILED, FORM } from "#server/http/prerendered.ts";
import { problemResponse } from "#server/http/problem.ts";
import { inRequestScope } from "#server/http/request-scope.ts";
import { MAX_AUTH_BODY, mediaTypeOf, readBody, UnreadableBody } from "#server/identity/body.ts";
import { startSession } from "#server/identity/credentials.ts";
import { handleAuthRequest } from "#server/identity/handler.ts";
import { isSameOrigin } from "#server/identity/same-origin.ts";
import { endBrowserSession } from "#server/identity/sign-out.ts";

type Form = {
  /** Where it stands, and where one that is refused leads back to. */
  page: string;
  /** Where one that is taken leads to; `from` is the page as the browser had it. */
  done: (from: URL) => string;
  send: (request: (path: string) => Request) => Promise<Response>;
};

/** The pages' forms, as a browser sends them in which no script runs: answered by what the scripts call. */
const FORMS: Record<string, Form> = {
  "sign-in": {
    page: "/sign-in",
    done: (from) => safeReturnTo(from.searchParams.get("return_to")),
    send: (request) => startSession("sign-in", request("/api/session/sign-in"), "browser"),
  },
  "sign-up": {
    page: "/sign-up",
    done: (from) => safeReturnTo(from.searchParams.get("return_to")),
    send: (request) => startSession("sign-up", request("/api/session/sign-up"), "browser"),
  },
  "forgot-password": {
    page: "/forgot-password",
    done: () => "/forgot-password?sent=1",
    send: (request) => handleAuthRequest(request("/api/auth/request-password-reset")),
  },
  "sign-out": {
    page: "/notes",
    done: () => signInPath({ reason: "signed_out" }),
    send: (request) => endBrowserSession(request("/api/session/sign-out")),
  },
  note: {
    page: "/notes",
    done: () => "/notes",
    send: (request) => proxyToApi(request("/api/backend/notes"), ["notes"]),
  },
  name: {
    page: "/account",
    done: () => `/account?${FORM}=name`,
    send: (request) => handleAuthRequest(request("/api/auth/account/name")),
  },
  "change-password": {
    page: "/account",
    done: () => `/account?${FORM}=change-password`,
    send: (request) => handleAuthRequest(request("/api/auth/change-password")),
  },
};

/** Answers a form that was sent as it is, by leading on to a page (303): the next one, or back with the code of the
 * refusal as `failed`. */
export const answerForm = (request: Request, name: string): Promise<Response> =>
  inRequestScope(request, async () => {
    const form = Object.hasOwn(FORMS, name) ? FORMS[name] : undefined;
    if (!form) return problemResponse("not_found");
    if (!isSameOrigin(request.headers)) return problemResponse("origin_not_allowed");
    if (mediaTypeOf(request) !== "application/x-www-form-urlencoded")
      return problemResponse("unsupported_media_type");
    try {
      const fields = new URLSearchParams(new TextDecoder().decode(await readBody(request, MAX_AUTH_BODY)));
      const from = pageOf(request, form.page);
      const answer = await form.send((path) => asJson(request, path, fields));
      const to = answer.ok ? form.done(from) : await backTo(form.page, name, from, answer);
      const response = new Response(null, {
        status: 303,
        headers: { Location: to, "Cache-Control": "no-store" },
      });
      for (const cookie of answer.headers.getSetCookie()) response.headers.append("Set-Cookie", cookie);
      return response;
    } catch (error) {
      if (error instanceof UnreadableBody) return error.toResponse();
      throw error;
    }
  });

/** The page that the form was on, with its parameters; a browser names it in the Referer of its own site's requests. */
function pageOf(request: Request, page: string): URL {
  const own = new URL(page, request.url);
  const referrer = URL.parse(request.headers.get("referer") ?? "");
  return referrer?.pathname === page ? referrer : own;
}

function asJson(request: Request, path: string, fields: URLSearchParams): Request {
  const headers = new Headers(request.headers);
  headers.delete("content-length");
  headers.set("content-type", "application/json");
  const body = JSON.stringify(Object.fromEntries(fields));
  return new Request(new URL(path, request.url), { method: "POST", headers, body });
}

async function backTo(page: string, name: string, from: URL, answer: Response): Promise<string> {
  const { code } = (await answer.json().catch(() => ({}))) as { code?: unknown };
  const query = new URLSearchParams({
    [FORM]: name,
    [FAILED]: typeof code === "string" ? code : "internal_error",
  });
  const returnTo = from.searchParams.get("return_to");
  if (returnTo) query.set("return_to", returnTo);
  return `${page}?${query}`;
}
