import { Counter, Histogram, Registry } from "prom-client";
import type { Admission, Refused } from "#server/identity/admission.ts";

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  const refused = new Counter({
    name: "identity_admission_refused_total",
    help: "Requests that hash a password and were refused before any work: overloaded; or client, whose requests were most of a full queue.",
    labelNames: ["reason"] as const,
    registers,
  });
  for (const reason of ["overloaded", "client"] as const) refused.inc({ reason }, 0);
  return {
    registry,
    refused,
    /** Names and labels as in the API. */
    requests: new Counter({
      name: "http_requests_total",
      help: "Requests answered.",
      labelNames: ["method", "route", "status"] as const,
      registers,
    }),
    seconds: new Histogram({
      name: "http_request_duration_seconds",
      help: "Time from request to the end of the answer, without event streams.",
      labelNames: ["route"] as const,
      buckets: SECONDS,
      registers,
    }),
    actions: new Counter({
      name: "identity_actions_total",
      help: "What people did to their accounts and sessions, by outcome.",
      labelNames: ["action", "outcome"] as const,
      registers,
    }),
    waits: new Histogram({
      name: "identity_revocation_wait_seconds",
      help: "Time that an answer waited until a revocation was in force with every resource server (in_force), or in vain (late).",
      labelNames: ["outcome"] as const,
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3],
      registers,
    }),
    /** The admission of requests in front of the application. */
    gate: undefined as Admission | undefined,
    isProcessObserved: false,
  };
}

declare global {
  var identityMetrics: ReturnType<typeof createMetrics> | undefined;
}

/** This process's metrics, shared by the server and what Next.js has bundled. */
export function metrics(): ReturnType<typeof createMetrics> {
  globalThis.identityMetrics ??= createMetrics();
  return globalThis.identityMetrics;
}

export const countRefused = (reason: Refused): void => metrics().refused.inc({ reason });

/** Records how long an answer waited for the resource servers, in seconds. */
export const observeWait = ({ seconds, inForce }: { seconds: number; inForce: boolean }): void =>
  metrics().waits.observe({ outcome: inForce ? "in_force" : "late" }, seconds);
