import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, createServer as createListener } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll } from "vitest";
import { env } from "#server/env.ts";
import { handleAuthRequest } from "#server/identity/handler.ts";
import { ORIGIN } from "./people.ts";

const CREDENTIAL = "a-credential-of-the-lab-in-the-tests-only";
const PATIENCE = 25_000;

/** Starts real lab processes on the calling test file's database, and sets the LAB_ variables. `bound`: seconds. */
export function labProcesses(count: number, bound: number): void {
  const running: ChildProcess[] = [];
  let keySet: Server;

  beforeAll(async () => {
    keySet = createServer(async (_, response) => {
      const answer = await handleAuthRequest(new Request(`${ORIGIN}/api/auth/jwks`));
      response.setHeader("content-type", "application/json").end(await answer.text());
    });
    keySet.listen(0, "127.0.0.1");
    await once(keySet, "listening");
    const jwksPort = (keySet.address() as AddressInfo).port;
    const ports = await Promise.all(Array.from({ length: count }, freePort));
    for (const port of ports) {
      running.push(
        spawn("../.venv/bin/python", ["-m", "notes_api.lab", "--host", "127.0.0.1", "--port", String(port)], {
          cwd: import.meta.dirname.replace(/\/test$/, ""),
          stdio: "inherit",
          env: {
            ...process.env,
            DATABASE_URL: String(process.env["DATABASE_URL"]).replace("//idp@", "//api@"),
            AUTH_ISSUER: ORIGIN,
            AUTH_AUDIENCE: env().JWT_AUDIENCE,
            AUTH_JWKS_URL: `http://127.0.0.1:${jwksPort}/jwks`,
            LAB_CREDENTIAL: CREDENTIAL,
            LAB_MAX_STALENESS: String(bound),
            LOG_LEVEL: "WARNING",
          },
        }),
      );
    }
    const origins = ports.map((port) => `http://127.0.0.1:${port}`);
    await Promise.all(origins.map(ready));
    Object.assign(env(), { LAB_ENABLED: true, LAB_PROCESSES: origins, LAB_CREDENTIAL: CREDENTIAL });
  }, PATIENCE);

  afterAll(async () => {
    for (const child of running) child.kill();
    await Promise.all(running.map((child) => child.exitCode ?? once(child, "exit")));
    keySet.closeAllConnections();
    keySet.close();
  });
}

async function freePort(): Promise<number> {
  const probe = createListener().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  return port;
}

async function ready(origin: string): Promise<void> {
  for (const deadline = Date.now() + PATIENCE; Date.now() < deadline; await sleep(50)) {
    const answer = await fetch(`${origin}/healthz`).catch(() => undefined);
    if (answer?.ok) return;
  }
  throw new Error("a lab process did not start");
}
