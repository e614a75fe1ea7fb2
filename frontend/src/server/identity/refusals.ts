import { type ErrorCode, errors } from "#contract/errors.ts";
import type { Problem } from "#contract/problem.ts";
import { problemResponse, renderProblem } from "#server/http/problem.ts";

/** Better Auth's codes that have a name of their own in the catalogue. */
const TRANSLATED: Record<string, ErrorCode> = {
  ACCOUNT_BANNED: "account_banned",
  BANNED_USER: "account_banned",
  CURSOR_INVALID: "bad_request",
  CROSS_SITE_NAVIGATION_LOGIN_BLOCKED: "origin_not_allowed",
  FEED_CREDENTIAL_INVALID: "token_invalid",
  INVALID_EMAIL_OR_PASSWORD: "invalid_credentials",
  INVALID_TOKEN: "link_invalid",
  INVALID_ORIGIN: "origin_not_allowed",
  MISSING_OR_NULL_ORIGIN: "origin_not_allowed",
  SESSION_ENDED: "session_ended",
  TOKEN_EXPIRED: "token_expired",
  TOKEN_INVALID: "token_invalid",
  TOKEN_MISSING: "token_missing",
  TOKEN_NOT_FOR_BROWSERS: "token_not_for_browsers",
  TOKEN_REUSED: "token_reused",
  TOKEN_REVOKED: "token_revoked",
  UNAUTHORIZED: "session_ended",
  USER_ALREADY_EXISTS: "email_taken",
  USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL: "email_taken",
  VALIDATION_ERROR: "validation_failed",
};

const BY_STATUS: Record<number, ErrorCode> = {
  401: "session_ended",
  404: "not_found",
  405: "method_not_allowed",
  413: "payload_too_large",
  415: "unsupported_media_type",
};

const isProblem = (body: Partial<Problem>): body is Problem =>
  typeof body.code === "string" && Object.hasOwn(errors, body.code) && typeof body.title === "string";

/** Turns a refusal of Better Auth's into a problem response; an internal error becomes an outage that tells nothing.
 * @param sent the request's headers: a client that forgot `Origin` is told so, a page that may not have one is not */
export async function translateRefusal(response: Response, sent?: Headers): Promise<Response> {
  if (response.status < 400) return response;
  const headers = new Headers(response.headers);
  if (response.status === 429) {
    headers.set("Retry-After", headers.get("X-Retry-After") ?? "10");
    return problemResponse("rate_limited", { headers });
  }
  const body: Partial<Problem & { message: string }> = await response.json().catch(() => ({}));
  if (response.status >= 500) {
    return problemResponse(isProblem(body) ? (body.code as ErrorCode) : "identity_provider_unavailable");
  }
  if (isProblem(body)) return renderProblem(body, headers);
  if (body.code === "MISSING_OR_NULL_ORIGIN" && sent && !sent.has("origin") && !sent.has("sec-fetch-site")) {
    return problemResponse("origin_missing", { headers });
  }
  const code = TRANSLATED[body.code ?? ""] ?? (body.code ? undefined : BY_STATUS[response.status]);
  if (code) return problemResponse(code, { headers });
  return renderProblem(
    {
      type: "about:blank",
      title: body.message ?? "Bad request",
      status: response.status,
      detail: body.message ?? errors.bad_request.detail,
      code: body.code ?? "bad_request",
    },
    headers,
  );
}
