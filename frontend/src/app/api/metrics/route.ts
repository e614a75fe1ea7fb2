export const dynamic = "force-dynamic";

export { serveMetrics as GET } from "#server/metrics/serve.ts";
