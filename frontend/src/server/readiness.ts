import { setTimeout as sleep } from "node:timers/promises";
import { database } from "#server/database.ts";
import { env } from "#server/env.ts";
import { hasCredential } from "#server/http/credential.ts";
import { log, summarize } from "#server/log.ts";
import { inspectRevocations } from "#server/revocation/install.ts";

/** For each dependency `ok`, or what is not ready and what to do, without an address or a secret. */
type Checks = { database: string; revocations: string };

const OK = "ok";
const NOT_READY = "This instance can't serve at the moment; its log says why.";

/** Milliseconds that the database may take. */
const PATIENCE = 2_000;
/** Milliseconds for which one look answers everybody who asks. */
const KEPT = 1_000;

/** Undefined table, function or schema. */
const NOT_INSTALLED = new Set(["42P01", "42883", "3F000"]);

let latest: { at: number; checks: Promise<Checks> } | undefined;
let said = "";

/** Whether sign-ins can be served and revoked. In production, only who has MANAGEMENT_TOKEN learns what is missing. */
export async function serveReadiness(request: Request): Promise<Response> {
  const checks = await lookedAt();
  const ready = Object.values(checks).every((outcome) => outcome === OK);
  tell(checks, ready);
  const detailed = env().NODE_ENV !== "production" || hasCredential(request.headers, env().MANAGEMENT_TOKEN);
  return Response.json(
    {
      status: ready ? "ready" : "not_ready",
      ...(!ready && { detail: NOT_READY }),
      ...(detailed && { checks }),
    },
    {
      status: ready ? 200 : 503,
      headers: { "Cache-Control": "no-store", ...(!ready && { "Retry-After": "1" }) },
    },
  );
}

function lookedAt(): Promise<Checks> {
  const now = performance.now();
  if (!latest || now - latest.at > KEPT) latest = { at: now, checks: look() };
  return latest.checks;
}

async function look(): Promise<Checks> {
  const timer = new AbortController();
  const late = sleep(PATIENCE, undefined, { signal: timer.signal, ref: false }).then(() => {
    throw new Error("timeout");
  });
  try {
    return { database: OK, revocations: await Promise.race([revocations(), late]) };
  } catch (error) {
    const { code } = error as { code?: string };
    return NOT_INSTALLED.has(String(code))
      ? { database: OK, revocations: "the database has no revocation feed; run `make migrate`" }
      : { database: `does not answer: ${summarize(error)}`, revocations: "not known" };
  } finally {
    timer.abort();
    late.catch(() => undefined);
  }
}

async function revocations(): Promise<string> {
  const installed = await inspectRevocations(database(), env().ACCESS_TOKEN_LIFETIME);
  if (!installed) return "the database has no revocation feed; run `make migrate`";
  const { current, damaged } = installed;
  if (damaged.length)
    return `missing or altered in the database: ${damaged.join(", ")}; run \`make migrate\``;
  return current ? OK : "the revocation feed in the database is out of date; run `make migrate`";
}

/** Says in the log, once each time, what is not ready. */
function tell(checks: Checks, ready: boolean): void {
  const state = ready ? "" : JSON.stringify(checks);
  if (state && state !== said) log("error", "not_ready", checks);
  said = state;
}

/** For tests: the next request looks anew. */
export function forgetLook(): void {
  latest = undefined;
}
