import { env } from "#server/env.ts";
import { hasCredential } from "#server/http/credential.ts";
import { problemResponse } from "#server/http/problem.ts";
import { observeProcess } from "#server/metrics/process.ts";
import { metrics } from "#server/metrics/registry.ts";

/** The metrics in Prometheus' text format, for the holder of MANAGEMENT_TOKEN. If that is not set, they are closed in production. */
export async function serveMetrics({ headers }: Request): Promise<Response> {
  const { NODE_ENV, MANAGEMENT_TOKEN } = env();
  if (MANAGEMENT_TOKEN === undefined) {
    if (NODE_ENV === "production") return problemResponse("not_found");
  } else if (!hasCredential(headers, MANAGEMENT_TOKEN)) {
    return problemResponse("token_invalid", {
      headers: { "WWW-Authenticate": 'Bearer error="invalid_token"' },
    });
  }
  observeProcess();
  const { registry } = metrics();
  return new Response(await registry.metrics(), {
    headers: { "Content-Type": registry.contentType, "Cache-Control": "no-store" },
  });
}
