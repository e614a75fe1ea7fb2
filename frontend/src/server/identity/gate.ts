import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { answerProblem } from "#server/http/raw-problem.ts";
import { Admission, type AdmissionLimits } from "#server/identity/admission.ts";
import { HASHING, REFUSALS, REQUESTS } from "#server/identity/hashing.ts";
import { countRefused, metrics } from "#server/metrics/registry.ts";

/** Addresses of this application's own that lead to those that hash. */
const OWN = new Set([
  "/api/auth/sign-in",
  "/api/auth/sign-up",
  "/api/forms/change-password",
  "/api/forms/sign-in",
  "/api/forms/sign-up",
  "/api/session/sign-in",
  "/api/session/sign-up",
]);

type GateOptions = {
  /** Header that has the client's address, in lower case. */
  clientHeader: string;
  limits?: AdmissionLimits;
  /** Milliseconds that a body is waited for. */
  patience?: number;
};

/** Keeps requests that hash a password in front of the application until it is their turn, or refuses them: what waits
 * here has cost next to nothing, so that everything else is answered meanwhile.
 *
 * A request takes a place only once it is there as a whole; nobody can hold one by sending slowly. One that is too slow or
 * too large for that goes on without a place: the application has an admission of its own. */
export function createGate(
  handle: RequestListener,
  { clientHeader, limits = REQUESTS, patience = 2_000 }: GateOptions,
): RequestListener {
  const admission = new Admission(limits);
  metrics().gate = admission;
  return (request, response) => {
    if (!isHashing(request)) return handle(request, response);
    void enter(request, response);
  };

  async function enter(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!(await isWhole(request, patience))) return handle(request, response);
    const client = String(request.headers[clientHeader] ?? "");
    const refused = await admission.run(client, async () => {
      if (response.destroyed) return;
      const closed = new Promise((resolve) => response.once("close", resolve));
      handle(request, response);
      await closed;
    });
    if (refused) countRefused(refused);
    if (!refused || response.destroyed) return;
    const { code, retryAfter } = REFUSALS[refused];
    answerProblem(response, code, { "Retry-After": String(retryAfter) });
  }
}

function isHashing({ method, url = "" }: IncomingMessage): boolean {
  const path = url.split("?", 1)[0] ?? "";
  return method === "POST" && (OWN.has(path) || HASHING.has(path));
}

/** Whether the request's last byte has arrived, within this time. Small bodies arrive without being read. */
async function isWhole(request: IncomingMessage, patience: number): Promise<boolean> {
  const deadline = performance.now() + patience;
  while (!request.complete && !request.destroyed && performance.now() < deadline) await sleep(5);
  return request.complete;
}
