import { once } from "node:events";
import { createServer, type RequestListener, request, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { createGate } from "#server/identity/gate.ts";

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

const LIMITS = { running: 2, queue: 3, wait: 60_000 };

/** A server whose application answers a sign-up only when it is told to, and everything else at once. */
async function gated() {
  const held: ServerResponse[] = [];
  const application: RequestListener = (incoming, response) => {
    if (incoming.method === "POST") held.push(response);
    else response.end("ok");
  };
  server = createServer(
    createGate(application, { clientHeader: "x-client-ip", limits: LIMITS, patience: 100 }),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const ask = (path: string, client = "", method = "POST") =>
    fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: { "x-client-ip": client },
      ...(method === "POST" && { body: "{}" }),
    });
  return { held, ask, port };
}

const until = async (met: () => boolean) => {
  while (!met()) await new Promise((resolve) => setTimeout(resolve, 5));
};

test.each([
  "/api/auth/sign-up",
  "/api/session/sign-in",
  "/api/forms/sign-in",
  "/api/auth/sign-up/email?a=b",
  "/api/auth/reset-password",
])(
  "of a crowd at %s as many get in as may; who waits can't be told from who came late, and the rest is refused",
  async (path) => {
    const { held, ask } = await gated();
    const all = Array.from({ length: 9 }, (_, i) => ask(path, `10.0.0.${i}`));
    const settled: Response[] = [];
    for (const one of all) void one.then((answer) => settled.push(answer));
    await until(() => settled.length === 4);
    expect(held.length).toBe(LIMITS.running);
    expect((await ask("/api/healthz", "", "GET")).status).toBe(200);
    for (const refusal of settled) {
      expect([refusal.status, (await refusal.json()).code]).toEqual([503, "overloaded"]);
      expect(refusal.headers.get("retry-after")).toMatch(/^\d+$/);
    }
    for (let answered = 0; answered < 5; answered++) {
      await until(() => held.length > 0);
      held.shift()?.end("in");
    }
    expect((await Promise.all(all)).filter(({ status }) => status === 200)).toHaveLength(5);
  },
);

test("who fills the queue alone is told that it is his own doing", async () => {
  const { ask } = await gated();
  const all = Array.from({ length: 6 }, () => ask("/api/auth/sign-up", "10.0.0.1"));
  expect((await Promise.race(all)).status).toBe(429);
});

test("a body that does not come takes nobody's place", async () => {
  const { held, ask, port } = await gated();
  const slow = Array.from({ length: 3 * LIMITS.running }, () => {
    const half = request({
      port,
      path: "/api/auth/sign-up",
      method: "POST",
      headers: { "content-length": 9 },
    });
    half.on("error", () => undefined);
    half.write("half");
    return half;
  });
  await until(() => held.length === slow.length);
  held.length = 0;
  const whole = ask("/api/auth/sign-up");
  await until(() => held.length === 1);
  held[0]?.end("in");
  expect(await (await whole).text()).toBe("in");
});

test("who leaves the queue is not carried out", async () => {
  const { held, ask, port } = await gated();
  const first = [ask("/api/auth/sign-up"), ask("/api/auth/sign-up")];
  await until(() => held.length === 2);
  const gone = request({ port, path: "/api/auth/sign-up", method: "POST" });
  gone.on("error", () => undefined).end();
  await new Promise((resolve) => setTimeout(resolve, 50));
  gone.destroy();
  await new Promise((resolve) => setTimeout(resolve, 50));
  for (const response of held.splice(0)) response.end("in");
  await Promise.all(first);
  const next = ask("/api/auth/sign-up");
  await until(() => held.length > 0);
  held[0]?.end("next");
  expect(await (await next).text()).toBe("next");
});
