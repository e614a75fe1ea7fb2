import type { IncomingMessage, ServerResponse } from "node:http";
import { FAILED } from "#server/http/prerendered.ts";
import { metrics } from "#server/metrics/registry.ts";

/** What people do to their accounts and sessions, and the addresses that do it by POST. */
export const ACTIONS = {
  sign_up: ["/api/auth/sign-up", "/api/auth/sign-up/email", "/api/session/sign-up", "/api/forms/sign-up"],
  sign_in: ["/api/auth/sign-in", "/api/auth/sign-in/email", "/api/session/sign-in", "/api/forms/sign-in"],
  renewal: ["/api/auth/renew"],
  sign_out: ["/api/auth/sign-out", "/api/session/sign-out", "/api/forms/sign-out"],
  session_end: [
    "/api/auth/account/sessions/end",
    "/api/auth/account/sessions/end-others",
    "/api/auth/account/sessions/end-all",
    "/api/auth/admin/user/sessions/end",
    "/api/auth/admin/ban-user",
  ],
  new_password: ["/api/auth/change-password", "/api/auth/reset-password", "/api/forms/change-password"],
} as const;

const ACTION_OF = new Map(
  Object.entries(ACTIONS).flatMap(([action, paths]) =>
    paths.map((path) => [path as string, action] as const),
  ),
);

/** Paths with a series of their own. All others are counted by area, so that a client can't add series. */
const NAMED = new Set([
  ...ACTION_OF.keys(),
  "/api/auth/jwks",
  "/api/auth/revocations",
  "/api/auth/get-session",
  "/api/session/events",
  "/api/healthz",
  "/api/readyz",
  "/api/metrics",
]);
const AREAS = ["/api/auth/", "/api/backend/", "/api/", "/_next/"];

const routeOf = (path: string): string => {
  if (NAMED.has(path)) return path;
  const area = AREAS.find((prefix) => path.startsWith(prefix));
  return area ? `${area}*` : "page";
};

/** Counts a request when its answer has been sent or was cut short. The time of an event stream is not recorded. */
export function observeRequest(request: IncomingMessage, response: ServerResponse): void {
  const { url = "", method = "" } = request;
  const started = performance.now();
  response.once("close", () => {
    const [path = ""] = url.split("?", 1);
    const route = routeOf(path);
    const { requests, seconds, actions } = metrics();
    const isSent = response.writableFinished;
    requests.inc({ method, route, status: isSent ? String(response.statusCode) : "aborted" });
    const action = method === "POST" ? ACTION_OF.get(path) : undefined;
    if (action) actions.inc({ action, outcome: isSent ? outcomeOf(response) : "aborted" });
    const isStream = String(response.getHeader("content-type")).startsWith("text/event-stream");
    if (!isStream) seconds.observe({ route }, (performance.now() - started) / 1000);
  });
}

/** `unknown`: it may have been done (504). A form is answered with a redirect to a page, whose address names a refusal. */
function outcomeOf(response: ServerResponse): string {
  const { statusCode: status } = response;
  if (status === 429) return "limited";
  if (status === 503) return "unavailable";
  if (status === 504) return "unknown";
  if (status >= 500) return "failed";
  if (status >= 400) return "refused";
  const target = URL.parse(String(response.getHeader("location") ?? ""), "http://localhost");
  return target?.searchParams.has(FAILED) ? "refused" : "done";
}
