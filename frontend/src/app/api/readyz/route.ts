export const dynamic = "force-dynamic";

export { serveReadiness as GET } from "#server/readiness.ts";
