/** What the backend-for-frontend itself answers with when a request does not get to the API, or not back. */
const PROBLEMS = {
  bad_request: [400, "Bad request", "The request's body broke off. Send it again."],
  session_ended: [401, "Session ended", "Sign in again."],
  origin_not_allowed: [403, "Origin not allowed", "Call this from a page of the application."],
  not_found: [404, "Not found", "There is nothing at this address."],
  wrong_subject: [409, "Another user", "Somebody else has signed in since. Reload the page."],
  api_unavailable: [503, "API unavailable", "The API can't be reached. Try again in a few seconds.", 5],
  outcome_unknown: [
    504,
    "Outcome unknown",
    "The request may or may not have been carried out. Check before you send it again.",
  ],
  body_not_repeated: [503, "Send it again", "The access token was renewed. Send the request again.", 1],
  identity_provider_unavailable: [503, "Identity provider unavailable", "Try again in a few seconds.", 5],
} as const satisfies Record<string, readonly [number, string, string, number?]>;

export type BackendProblem = keyof typeof PROBLEMS;

/** A refusal as a problem body (RFC 9457) with a stable `code`; an outage carries `Retry-After`. */
export function problemResponse(code: BackendProblem): Response {
  const [status, title, detail, retryAfter]: readonly [number, string, string, number?] = PROBLEMS[code];
  return new Response(JSON.stringify({ type: "about:blank", title, status, detail, code }), {
    status,
    headers: {
      "Content-Type": "application/problem+json",
      "Cache-Control": "no-store",
      ...(retryAfter !== undefined && { "Retry-After": String(retryAfter) }),
    },
  });
}
