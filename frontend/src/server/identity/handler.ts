import { isFromBrowser } from "better-auth-revocation/composition";
import { database } from "#server/database.ts";
import { problemResponse } from "#server/http/problem.ts";
import { inRequestScope, mayHaveCommitted, throwNotedFailure } from "#server/http/request-scope.ts";
import {
  MAX_AUTH_BODY,
  mediaTypeOf,
  membersWithNul,
  parseObject,
  readBody,
  UnreadableBody,
} from "#server/identity/body.ts";
import { withPresentCookies } from "#server/identity/cookies.ts";
import { admitHashing } from "#server/identity/hashing.ts";
import { refuseUnlessOffered } from "#server/identity/offered.ts";
import { forgetGuess } from "#server/identity/plugins/guessing.ts";
import { translateRefusal } from "#server/identity/refusals.ts";
import { auth } from "#server/identity/server.ts";
import { withBrowserCookies } from "#server/identity/session-cookies.ts";
import { log, summarize } from "#server/log.ts";
import { revocationsInForce } from "#server/revocation/in-force.ts";
import { refusalIn } from "#server/revocation/refused.ts";

/** How it is answered that the database has refused a session: what was verified is not so any more. */
const REFUSED = { password_changed: "invalid_credentials", banned: "account_banned" } as const;

const BODILESS = new Set(["GET", "HEAD", "OPTIONS"]);

/** Better Auth's handler behind a guard: bounded bodies in, problem responses out, never a 500. */
export const handleAuthRequest = (request: Request): Promise<Response> =>
  guarded(request, async () => {
    const closed = refuseUnlessOffered(request);
    if (closed) return closed;
    const body = BODILESS.has(request.method) ? undefined : await readBody(request, MAX_AUTH_BODY);
    const { pathname } = new URL(request.url);
    return (
      refuseUnfit(request, body) ??
      (await admitHashing(request.headers, pathname, () => callBetterAuth(request, request.url, body)))
    );
  });

/** Runs `work` as one request whose answer is true: what went wrong is a problem response, and an outage is called one
 * only while nothing can have been committed. */
export const guarded = (request: Request, work: () => Promise<Response>): Promise<Response> =>
  inRequestScope(request, async () => {
    const answer = await work().catch(answerTo);
    const undone = answer.status !== 503 || BODILESS.has(request.method) || !mayHaveCommitted();
    return undone ? answer : problemResponse("outcome_unknown");
  });

function answerTo(error: unknown): Response {
  if (error instanceof UnreadableBody) return error.toResponse();
  const refusal = refusalIn(error);
  if (refusal) return problemResponse(REFUSED[refusal]);
  log("error", "auth_request_failed", { cause: summarize(error) });
  return problemResponse("identity_provider_unavailable");
}

function refuseUnfit(request: Request, body: Uint8Array | undefined): Response | undefined {
  if (/%00/.test(request.url)) return problemResponse("bad_request");
  if (!body?.byteLength) return undefined;
  if (mediaTypeOf(request) !== "application/json") return problemResponse("unsupported_media_type");
  const input = parseObject(body);
  if (!input) return problemResponse("malformed_json");
  return refuseNul(input);
}

/** Postgres can't store it. */
export function refuseNul(input: Record<string, unknown>): Response | undefined {
  const errors = membersWithNul(input).map((field) => ({ field, code: "nul", message: NO_NUL }));
  return errors.length ? problemResponse("validation_failed", { errors }) : undefined;
}

const NO_NUL = "Remove the NUL character.";

/** Has Better Auth's handler answer `request` at `url`, with a body that was read and found fit. */
export async function callBetterAuth(
  request: Request,
  url: string | URL,
  body: Uint8Array<ArrayBuffer> | undefined,
): Promise<Response> {
  const answer = await answerOfBetterAuth(request, url, body).catch(async (error) => {
    if (!refusalIn(error)) await forgetGuess();
    throw error;
  });
  if (answer.status >= 500) await forgetGuess();
  return answer;
}

async function answerOfBetterAuth(
  request: Request,
  url: string | URL,
  body: Uint8Array<ArrayBuffer> | undefined,
): Promise<Response> {
  const response = await auth().handler(forBetterAuth(request, url, body));
  if (response.ok || response.status === 401) throwNotedFailure();
  if (mayReplaceSession(request, url)) await revocationsInForce();
  if (response.status === 422 && body?.byteLength && (await lostRaceForEmail(response.clone(), body))) {
    return problemResponse("email_taken");
  }
  withBrowserCookies(request.headers, response.headers);
  if (!response.headers.has("cache-control")) response.headers.set("Cache-Control", "no-store");
  return translateRefusal(response, request.headers);
}

/** `request` as Better Auth shall see it; the very same one when that makes no difference. */
function forBetterAuth(
  request: Request,
  url: string | URL,
  body: Uint8Array<ArrayBuffer> | undefined,
): Request {
  const present = withPresentCookies(request.headers);
  // Takes Node's own fetch for a browser that hides its origin.
  const misleads = present.has("sec-fetch-mode") && !isFromBrowser(present);
  if (request.method === "GET" && request.url === url && present === request.headers && !misleads) {
    return request;
  }
  const headers = new Headers(present);
  headers.delete("content-length");
  if (misleads) headers.delete("sec-fetch-mode");
  // An empty body is a valid call of the endpoints that take none.
  if (body && !body.byteLength) headers.delete("content-type");
  return new Request(url, {
    // The server leaves the body out of the answer to a HEAD.
    method: request.method === "HEAD" ? "GET" : request.method,
    headers,
    ...(body?.byteLength && { body }),
  });
}

/** Whether a request opens a session and may have ended the browser's previous one. The package's plugin waits for every
 * other end of a session itself. */
const mayReplaceSession = ({ method, headers }: Request, url: string | URL): boolean =>
  !BODILESS.has(method) && headers.has("cookie") && /\/sign-(up|in)\//.test(new URL(url).pathname);

/** Better Auth answers a lost race for an address like any failure to store the user; only the table can tell. */
async function lostRaceForEmail(response: Response, body: Uint8Array): Promise<boolean> {
  const { code } = (await response.json().catch(() => ({}))) as { code?: string };
  if (code !== "FAILED_TO_CREATE_USER") return false;
  const email = parseObject(body)?.["email"];
  const taken = await database().query('SELECT 1 FROM auth."user" WHERE email = lower($1)', [email]);
  if (taken.rowCount) return true;
  throw new Error("the user could not be stored");
}
