import { BodyTooLarge, MAX_AUTH_BODY, readBody } from "#lib/auth/body.ts";
import { translateRefusal } from "#lib/auth/refusals.ts";
import { auth } from "#lib/auth/server.ts";
import { database } from "#lib/database.ts";
import { log, summarize } from "#lib/log.ts";
import { problemResponse } from "#lib/problem.ts";

const BODILESS = new Set(["GET", "HEAD", "OPTIONS"]);

/** Better Auth's handler behind a guard: bounded bodies in, problem responses out, never a 500. */
export async function handleAuthRequest(request: Request): Promise<Response> {
  try {
    const body = BODILESS.has(request.method) ? undefined : await readBody(request, MAX_AUTH_BODY);
    const refusal = body?.byteLength ? refuseBody(request, body) : undefined;
    if (refusal) return refusal;
    return await callBetterAuth(request, body);
  } catch (error) {
    if (error instanceof BodyTooLarge) return problemResponse("payload_too_large");
    log("error", "auth_request_failed", {
      request_id: request.headers.get("x-request-id"),
      path: new URL(request.url).pathname,
      cause: summarize(error),
    });
    return problemResponse("identity_provider_unavailable");
  }
}

function refuseBody(request: Request, body: Uint8Array): Response | undefined {
  const mediaType = request.headers.get("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
  if (mediaType !== "application/json") return problemResponse("unsupported_media_type");
  return parseObject(body) ? undefined : problemResponse("malformed_json");
}

/** The JSON object in `body`, or nothing when it holds anything else. */
export function parseObject(body: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

async function callBetterAuth(
  request: Request,
  body: Uint8Array<ArrayBuffer> | undefined,
): Promise<Response> {
  const headers = new Headers(request.headers);
  headers.delete("content-length");
  // An empty body is a valid call of the endpoints that take none.
  if (body && !body.byteLength) headers.delete("content-type");
  const response = await auth().handler(
    new Request(request.url, {
      method: request.method,
      headers,
      ...(body?.byteLength && { body }),
    }),
  );
  if (response.status === 422 && body?.byteLength && (await lostRaceForEmail(response.clone(), body))) {
    return problemResponse("email_taken");
  }
  return translateRefusal(response);
}

/** Better Auth answers a lost race for an address like any failure to store the user; only the table can tell. */
async function lostRaceForEmail(response: Response, body: Uint8Array): Promise<boolean> {
  const { code } = (await response.json().catch(() => ({}))) as { code?: string };
  if (code !== "FAILED_TO_CREATE_USER") return false;
  const email = parseObject(body)?.["email"];
  const taken = await database().query('SELECT 1 FROM auth."user" WHERE email = lower($1)', [email]);
  if (taken.rowCount) return true;
  throw new Error("the user could not be stored");
}
