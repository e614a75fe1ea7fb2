import next from "next";
import { findRoute } from "#routes.ts";
import { ConfigurationError, env } from "#server/env.ts";
import { clientAddress, trustedNetworks } from "#server/http/client-address.ts";
import { finishAndClose } from "#server/http/finish.ts";
import { inFrontOf } from "#server/http/front.ts";
import { keepPages } from "#server/http/kept-pages.ts";
import { listen } from "#server/http/listen.ts";
import { createListener } from "#server/http/listener.ts";
import { PRERENDERED } from "#server/http/prerendered.ts";
import { createGate } from "#server/identity/gate.ts";
import { log } from "#server/log.ts";
import { observeRequest } from "#server/metrics/requests.ts";
import { answerOutageWith503 } from "#server/outage.ts";

/** Connections that may wait to be accepted, as in uvicorn. Beyond Node's default of 511, a client retries after a second. */
const BACKLOG = 2048;

/** The production server: the route handlers, and Next.js for the pages, behind a listener that knows the true client.
 * `next start` can't see the peer's address. */
async function main(): Promise<void> {
  const settings = env();
  const { HOST: hostname, PORT: port } = settings;
  const trusted = trustedNetworks(settings.TRUSTED_PROXIES);
  const app = next({ dev: false, dir: import.meta.dirname, hostname, port });
  await app.prepare();
  const byNext = app.getRequestHandler();
  const pages = await keepPages(
    (request, response) => void byNext(request, response),
    Object.keys(PRERENDERED),
  );
  const handle = inFrontOf(pages, findRoute, settings.BETTER_AUTH_URL);
  const isHttps = settings.BETTER_AUTH_URL.startsWith("https://");
  const ownsHeader = settings.CLIENT_IP_HEADER === "x-client-ip";

  const clientHeader = settings.CLIENT_IP_HEADER;
  const gate = createGate(handle, { clientHeader });

  const server = createListener((request, response) => {
    observeRequest(request, response);
    if (ownsHeader) {
      const forwarded = request.headers["x-forwarded-for"];
      request.headers["x-client-ip"] = clientAddress(
        request.socket.remoteAddress,
        Array.isArray(forwarded) ? forwarded.join(",") : forwarded,
        trusted,
      );
    }
    // RFC 6797; without this server, next.config.ts goes by the proxy's word on the scheme.
    if (isHttps) response.setHeader("Strict-Transport-Security", "max-age=31536000");
    answerOutageWith503(response);
    gate(request, response);
  });
  const listens = await listen(server, { port, host: hostname, backlog: BACKLOG }).catch(
    (error: NodeJS.ErrnoException) => {
      const faults: Record<string, string> = {
        EADDRINUSE: `PORT ${port} is taken; stop what listens there, or set PORT to a free one`,
        EACCES: `PORT ${port} is for root alone; set PORT to one from 1024`,
      };
      console.error(
        faults[error.code ?? ""] ??
          `HOST ${hostname} can't be listened on (${error.code}); set HOST to 127.0.0.1`,
      );
      process.exit(1);
    },
  );
  log("info", "listening", { hostname, port });

  // A signal may come several times: systemd repeats it to what is left of a unit whose first process has ended.
  let isClosing = false;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      if (isClosing) return;
      isClosing = true;
      void finishAndClose(server, listens).then(() => process.exit(0));
    });
  }
}

try {
  await main();
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  console.error(error.message);
  process.exit(78);
}
