import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { findRoute } from "#routes.ts";
import { database } from "#server/database.ts";
import { env } from "#server/env.ts";
import { offeredEndpoints } from "#server/identity/offered.ts";
import { metrics } from "#server/metrics/registry.ts";
import { ACTIONS, observeRequest } from "#server/metrics/requests.ts";
import { serveMetrics } from "#server/metrics/serve.ts";
import { testDatabase } from "../../../test/database.ts";
import { signUp } from "../../../test/people.ts";

const stage = testDatabase();
const TOKEN = "a management credential, which is long enough";

let server: Server | undefined;
beforeEach(() => metrics().registry.resetMetrics());
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

const scrape = (headers: Record<string, string> = {}) =>
  serveMetrics(new Request("http://localhost:3000/api/metrics", { headers }));

async function sampleOf(series: string): Promise<number | undefined> {
  const lines = (await (await scrape()).text()).split("\n");
  const line = lines.find((one) => one.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length));
}

/** A request is counted when its answer has been sent, which its client may notice first. */
const counted = (series: string) =>
  vi.waitFor(async () => expect(await sampleOf(series)).toBe(1), { timeout: 15_000 });

/** A server whose answers are counted. */
async function observed(answer: RequestListener): Promise<string> {
  server = createServer((request, response) => {
    observeRequest(request, response);
    answer(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe("a request", () => {
  test.each([
    ["/api/auth/sign-in", "/api/auth/sign-in"],
    ["/api/auth/sign-in?a=b", "/api/auth/sign-in"],
    ["/api/auth/made-up-7d1f", "/api/auth/*"],
    ["/api/backend/notes/7d1f", "/api/backend/*"],
    ["/api/7d1f", "/api/*"],
    ["/_next/static/7d1f.js", "/_next/*"],
    ["/__proto__", "page"],
    ["/7d1f", "page"],
  ])("for %s is counted as %s", async (path, route) => {
    const base = await observed((_, response) => response.end());
    await fetch(base + path);
    await counted(`http_requests_total{method="GET",route="${route}",status="200"}`);
    await counted(`http_request_duration_seconds_count{route="${route}"}`);
    expect(await (await scrape()).text()).not.toContain("7d1f");
  });

  test.each<[number, Record<string, string>, string]>([
    [200, {}, "done"],
    [204, {}, "done"],
    [303, { location: "/notes" }, "done"],
    [303, { location: "/sign-up?failed=email_taken" }, "refused"],
    [422, {}, "refused"],
    [429, {}, "limited"],
    [503, {}, "unavailable"],
    [504, {}, "unknown"],
    [500, {}, "failed"],
  ])("to sign up that is answered by %i %o is %s", async (status, headers, outcome) => {
    const base = await observed((_, response) => {
      response.statusCode = status;
      response.setHeaders(new Headers(headers)).end();
    });
    await fetch(`${base}/api/forms/sign-up`, { method: "POST", redirect: "manual" });
    await counted(`identity_actions_total{action="sign_up",outcome="${outcome}"}`);
  });

  test("to sign up that is only looked at, or for another address, is no sign-up", async () => {
    const base = await observed((_, response) => response.end());
    await fetch(`${base}/api/auth/sign-up`);
    await fetch(`${base}/api/auth/sign-up/`, { method: "POST" });
    await counted(`http_requests_total{method="POST",route="/api/auth/*",status="200"}`);
    expect(await (await scrape()).text()).not.toContain("identity_actions_total{");
  });

  test("whose client has gone is neither a success nor a failure", async () => {
    const base = await observed(() => undefined);
    const socket = connect(Number(new URL(base).port), "127.0.0.1");
    socket.write("POST /api/auth/sign-up HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
    await once(server as Server, "request");
    socket.destroy();
    await counted(`identity_actions_total{action="sign_up",outcome="aborted"}`);
  });

  test("for an event stream has no duration", async () => {
    const base = await observed((_, response) =>
      response.setHeader("content-type", "text/event-stream").end(),
    );
    await fetch(`${base}/api/session/events`);
    await counted(`http_requests_total{method="GET",route="/api/session/events",status="200"}`);
    expect(await (await scrape()).text()).not.toContain("http_request_duration_seconds_count{");
  });
});

test("each address that counts as an action exists", () => {
  const paths = Object.values(ACTIONS).flat();
  const unknown = paths.filter((path) => {
    const isOffered = offeredEndpoints().get(path.slice("/api/auth".length))?.has("POST") === true;
    const isOwn = findRoute("POST", path) !== undefined && !path.startsWith("/api/auth/");
    const isOwnAuth = ["sign-up", "sign-in", "sign-out", "renew"].some(
      (name) => path === `/api/auth/${name}`,
    );
    return !isOffered && !isOwn && !isOwnAuth && !path.startsWith("/api/forms/");
  });
  expect(unknown).toEqual([]);
});

test("revocations are counted, whoever causes them, and who follows the feed", async () => {
  const { claims } = await signUp();
  const before = (await sampleOf("identity_revocations_total")) ?? Number.NaN;
  await database().query("DELETE FROM auth.session WHERE id = $1", [claims.sid]);
  expect(await sampleOf("identity_revocations_total")).toBe(before + 1);
  expect(await sampleOf("identity_revocation_listeners")).toBe(0);
});

test("what the database alone knows is absent while it does not answer; the rest is there", async () => {
  expect(await sampleOf("identity_revocation_listeners")).toBe(0);
  await stage.unreachableWhile(async () => {
    const text = await (await scrape()).text();
    expect(text).not.toMatch(/^identity_(revocation_listeners|revocations_total) /m);
    expect(text).toMatch(/^identity_database_connections\{state="busy"\} \d/m);
  });
});

describe("in production", () => {
  beforeEach(() => {
    Object.assign(env(), { NODE_ENV: "production", MANAGEMENT_TOKEN: TOKEN });
    return () => {
      Object.assign(env(), { NODE_ENV: "test" });
      delete env().MANAGEMENT_TOKEN;
    };
  });

  test.each([{}, { authorization: `Bearer ${TOKEN}x` }, { authorization: `Basic ${TOKEN}` }])(
    "%o shows nothing",
    async (headers) => {
      const answer = await scrape(headers);
      expect([answer.status, (await answer.json()).code]).toEqual([401, "token_invalid"]);
    },
  );

  test("the credential shows them", async () => {
    const answer = await scrape({ authorization: `Bearer ${TOKEN}` });
    expect([answer.status, answer.headers.get("cache-control")]).toEqual([200, "no-store"]);
    expect(answer.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(await answer.text()).toContain('identity_admission_requests{state="waiting"} 0');
  });

  test("without a configured credential nobody sees them", async () => {
    delete env().MANAGEMENT_TOKEN;
    for (const authorization of ["Bearer undefined", "Bearer ", ""])
      expect((await scrape({ authorization })).status).toBe(404);
  });
});
