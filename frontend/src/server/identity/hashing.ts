import { availableParallelism } from "node:os";
import { errors } from "#contract/errors.ts";
import { env } from "#server/env.ts";
import { problemResponse } from "#server/http/problem.ts";
import { Admission, type AdmissionLimits, type Refused } from "#server/identity/admission.ts";
import { countRefused } from "#server/metrics/registry.ts";

/** Endpoints that hash a password, which takes a core for 10 ms and more. */
export const HASHING: ReadonlySet<string> = new Set([
  "/api/auth/sign-up/email",
  "/api/auth/sign-in/email",
  "/api/auth/account/delete",
  "/api/auth/change-password",
  "/api/auth/reset-password",
  "/api/auth/admin/create-user",
  "/api/auth/admin/set-user-password",
]);

const cores = availableParallelism();

/** How many requests that hash are carried out at a time, and how many wait.
 *
 * Signing up holds a connection while it hashes: half of the pool stays free for everybody else. A core carries out some
 * twenty-five in a second, so that whoever is in the queue can expect a turn within the wait. */
export const REQUESTS: AdmissionLimits = {
  running: Math.min(10, 4 * cores),
  queue: 150 * cores,
  wait: 10_000,
};

const requests = new Admission(REQUESTS);

/** No more hashes at a time than there are cores: more would only make each slower, and the event loop with them. */
const hashes = new Admission({ running: cores, queue: Number.POSITIVE_INFINITY, wait: 60_000 });

/** How it is answered that a request is not admitted; `retryAfter` in seconds. */
export const REFUSALS = {
  client: { code: "rate_limited", retryAfter: 2 },
  overloaded: { code: "overloaded", retryAfter: errors.overloaded.retryAfter },
} as const;

/** Admits a request that hashes, or refuses it before anything was done for it. */
export async function admitHashing(
  headers: Headers,
  pathname: string,
  work: () => Promise<Response>,
): Promise<Response> {
  if (!HASHING.has(pathname)) return work();
  const client = headers.get(env().CLIENT_IP_HEADER) ?? "";
  const answer = await requests.run(client, work);
  if (answer instanceof Response) return answer;
  countRefused(answer);
  const { code, ...options } = REFUSALS[answer];
  return problemResponse(code, options);
}

/** Does one hash when a core is free. @throws Error when none was for a minute */
export async function whenCoreIsFree<T extends string | boolean>(hash: () => Promise<T>): Promise<T> {
  const done: { value: T } | Refused = await hashes.run("", async () => ({ value: await hash() }));
  if (typeof done === "string") throw new Error("no core was free");
  return done.value;
}
