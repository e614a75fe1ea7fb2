import { createRequire, syncBuiltinESMExports } from "node:module";

/** Traces by OpenTelemetry: `node --import ./scripts/tracing.ts server.ts`. Off, and nothing is loaded, unless
 * OTEL_EXPORTER_OTLP_ENDPOINT or OTEL_EXPORTER_OTLP_TRACES_ENDPOINT says where they go; the SDK's other variables count.
 * Statements are kept without their values, paths without what may be a one-time token, queries not at all. */
async function start(): Promise<void> {
  const [{ registerInstrumentations }, { HttpInstrumentation }, { PgInstrumentation }, sdk, otlp, resources] =
    await Promise.all([
      import("@opentelemetry/instrumentation"),
      import("@opentelemetry/instrumentation-http"),
      import("@opentelemetry/instrumentation-pg"),
      import("@opentelemetry/sdk-trace-node"),
      import("@opentelemetry/exporter-trace-otlp-http"),
      import("@opentelemetry/resources"),
    ]);
  const name = process.env["OTEL_SERVICE_NAME"] || "notes-web";
  const provider = new sdk.NodeTracerProvider({
    resource: resources.resourceFromAttributes({ "service.name": name }),
    spanProcessors: [new sdk.BatchSpanProcessor(new otlp.OTLPTraceExporter())],
  });
  provider.register();
  registerInstrumentations({
    tracerProvider: provider,
    instrumentations: [
      new HttpInstrumentation({
        ignoreIncomingRequestHook: ({ url }) => QUIET.test(url ?? ""),
        requestHook: (span, request) => {
          const method = request.method ?? "GET";
          const path = shorten("path" in request ? request.path : (request.url ?? "/"));
          span.updateName(`${method} ${path}`);
          for (const attribute of ["http.target", "http.url", "url.full", "url.path"])
            span.setAttribute(attribute, path);
          span.setAttribute("url.query", "");
        },
      }),
      new PgInstrumentation({ requireParentSpan: true }),
    ],
  });
  // What is imported later finds these patched.
  const require = createRequire(import.meta.url);
  for (const patched of ["node:http", "node:https", "pg"]) require(patched);
  syncBuiltinESMExports();
  process.once("SIGTERM", () => void provider.forceFlush().catch(() => undefined));
}

const QUIET = /^\/(api\/(healthz|metrics|readyz)|_next\/)/;
const PATH_DEPTH = 3;

/** Without the query and deep segments: Better Auth puts one-time tokens there. */
const shorten = (address: string) =>
  (address.split("?", 1)[0] ?? "")
    .split("/")
    .slice(0, PATH_DEPTH + 1)
    .join("/");

const wanted =
  process.env["OTEL_EXPORTER_OTLP_ENDPOINT"] || process.env["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];
if (wanted && process.env["OTEL_SDK_DISABLED"] !== "true") {
  await start().catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
    console.error(
      "OTEL_EXPORTER_OTLP_ENDPOINT is set, but OpenTelemetry is not installed; run npm ci without --omit=optional",
    );
    process.exit(78);
  });
}
