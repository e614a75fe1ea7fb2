import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { betterAuth } from "better-auth";
import { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { stockOptions } from "../../test/applications.ts";
import { ownDatabase } from "../../test/database.ts";
import { Caller } from "../../test/installed.ts";
import { startPooler } from "../../test/pgbouncer.ts";
import { prepareDatabase } from "../testing.ts";
import type { RevocableJwtOptions } from "./options.ts";
import { reasonOf } from "./outage.ts";
import { revocableJwt } from "./revocable-jwt.ts";

// Between two looks at a resource server no time passes.
vi.mock("node:timers/promises", async (load) => {
  const actual = await load<typeof import("node:timers/promises")>();
  const setTimeout = (pause: number, ...rest: [undefined, object]) =>
    pause === 5_000 ? Promise.resolve() : actual.setTimeout(pause, ...rest);
  return { ...actual, setTimeout };
});

const own = ownDatabase();
const lines: string[] = [];
const started = async (options: Partial<RevocableJwtOptions> = {}, pool = own.pool) => {
  lines.length = 0;
  const auth = betterAuth({
    ...stockOptions,
    database: pool,
    logger: { level: "info", log: (level, line) => lines.push(`${level} ${line}`) },
    plugins: [...revocableJwt({ audience: "https://api.example.com", ...options })],
  });
  await auth.$context;
  return auth;
};

async function* endless(): AsyncGenerator<string> {
  for (;;) {
    await new Promise(setImmediate);
    yield "not yet ".repeat(1_000);
  }
}

const health = createServer((request, response) => {
  if (request.url?.startsWith("/endless")) {
    response.writeHead(request.url === "/endless-ready" ? 200 : 503);
    Readable.from(endless()).pipe(response);
    return;
  }
  const isTold = request.headers.authorization === "Bearer of the health page";
  const checks = { database: "ok", revocations: "come from another database", keys: "no usable keys" };
  response
    .writeHead(request.url === "/ready" ? 200 : 503)
    .end(JSON.stringify({ status: "not_ready", checks: isTold ? checks : null }));
});
let address: string;

beforeAll(async () => {
  await prepareDatabase(await started());
  await new Promise<void>((resolve) => health.listen(0, "127.0.0.1", resolve));
  address = `http://127.0.0.1:${(health.address() as AddressInfo).port}`;
});
afterAll(() => {
  health.close();
});

const said = (line: string) =>
  vi.waitFor(() => expect(lines).toContainEqual(expect.stringContaining(line)), { timeout: 15_000 });

test("the start says whose tokens are issued, for whom, and how", async () => {
  await started();
  await said("info [revocation] tokens of http://localhost:3000 for https://api.example.com, EdDSA");
  expect(lines.filter((line) => !line.startsWith("info"))).toEqual([]);
});

test("a resource server that is ready, is not, or does not answer is told", async () => {
  await started({
    resourceServers: [`${address}/ready`, `${address}/not-ready`, "http://127.0.0.1:1/readyz"],
  });
  await said(`info [revocation] the resource server ${address}/ready is ready`);
  await said(
    `error [revocation] the resource server ${address}/not-ready is not ready: 503 {"status":"not_ready","checks":null}; if it tells the reason only`,
  );
  await said(
    "error [revocation] the resource server http://127.0.0.1:1/readyz is not ready: it does not answer",
  );
});

test("the reason is named where a resource server tells it to who has its credential", async () => {
  const server = { address: `${address}/not-ready`, credential: "of the health page" };
  await started({ resourceServers: [server] });
  await said(
    `error [revocation] the resource server ${address}/not-ready is not ready: 503 revocations: come from another database; keys: no usable keys`,
  );
  expect(lines.join()).not.toContain(server.credential);
});

test("of a resource server whose answer has no end only the beginning is read", async () => {
  await started({ resourceServers: [`${address}/endless-ready`, `${address}/endless`] });
  await said(`info [revocation] the resource server ${address}/endless-ready is ready`);
  await said(`error [revocation] the resource server ${address}/endless is not ready: 503 not yet not yet`);
});

test("a resource server that comes up later is told once it is ready, and not that it did not answer", async () => {
  let looks = 0;
  const late = createServer((_, response) => {
    looks += 1;
    if (looks < 3) response.destroy();
    else response.end();
  });
  await new Promise<void>((resolve) => late.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(late.address() as AddressInfo).port}/readyz`;
  await started({ resourceServers: [url] });
  await said(`info [revocation] the resource server ${url} is ready`);
  expect(lines.filter((line) => line.startsWith("error"))).toEqual([]);
  late.close();
});

describe("a database that does not answer", () => {
  const TOKENS = "info [revocation] tokens of";

  test("because its role has no right to the schema is told, at the start and once when tokens are asked for", async () => {
    const caller = new Caller(await started());
    await caller.signUp("ada@example.com");
    const role = `${own.name}_weak`;
    await own.pool.query(`GRANT ALL ON ALL TABLES IN SCHEMA public TO PUBLIC`);
    const superuser = new Pool({ connectionString: own.superuser });
    await superuser.query(`CREATE ROLE ${role} LOGIN`);
    const pool = new Pool({ connectionString: own.url.replace(`//${own.name}@`, `//${role}@`) });
    try {
      const reason = "permission denied for schema better_auth_revocation (42501)";
      const weak = await started({}, pool);
      await said(`error [revocation] no token is issued: the database did not answer whether it is prepared`);
      expect(lines.join("\n")).toContain(reason);
      expect(lines.join("\n")).not.toContain(TOKENS);
      lines.length = 0;
      const refused = new Caller(weak);
      refused.cookie = caller.cookie;
      for (const _ of [1, 2]) expect((await refused.get("/token")).status).toBe(503);
      expect(lines).toEqual([`error [revocation] the database did not answer: ${reason}`]);
      expect((await caller.get("/token")).status).toBe(200);
    } finally {
      await pool.end();
      await superuser.query(`DROP OWNED BY ${role}`);
      await superuser.query(`DROP ROLE ${role}`);
      await superuser.end();
    }
  });

  test("is not asked in a build", async () => {
    const asked = vi.fn();
    const pool = new Pool({ connectionString: own.url });
    pool.connect = asked;
    pool.query = asked;
    vi.stubEnv("NEXT_PHASE", "phase-production-build");
    await started({}, pool);
    expect(asked).not.toHaveBeenCalled();
    vi.unstubAllEnvs();
    await started({}, pool);
    expect(asked).toHaveBeenCalled();
    await pool.end();
  });

  test("because it can't be reached is told without the address's password", async () => {
    const pool = new Pool({ connectionString: "postgresql://ada:secret-of-ada@127.0.0.1:1/nowhere" });
    await started({}, pool);
    await said("error [revocation] no token is issued: the database did not answer");
    expect(lines.join("\n")).toContain("ECONNREFUSED");
    expect(lines.join("\n")).not.toContain("secret-of-ada");
    await pool.end();
  });
});

test.each([
  [
    "an address",
    new Error("can't parse postgresql://ada:secret@db.example.com/app"),
    "can't parse postgresql://db.example.com/app",
  ],
  [
    "what an adapter says of the statement",
    new Error("Failed query: select 1\nparams: secret", {
      cause: Object.assign(new Error("permission denied"), { code: "42501" }),
    }),
    "permission denied (42501)",
  ],
  [
    "an error without a message",
    Object.assign(new AggregateError([]), { code: "ECONNREFUSED" }),
    "ECONNREFUSED",
  ],
])("a reason tells nothing secret: %s", (_, error, reason) => {
  expect(reasonOf(error)).toBe(reason);
});

test("Better Auth's own check of its tables is made as without the plugin", async () => {
  await own.pool.query('ALTER TABLE "user" RENAME COLUMN image TO picture');
  try {
    const auth = await started();
    await said("error Database schema mismatch");
    expect(lines.join("\n")).toContain("user.image");
    await expect(auth.api.getSession({ headers: new Headers() })).rejects.toThrow("schema mismatch");
  } finally {
    await own.pool.query('ALTER TABLE "user" RENAME COLUMN picture TO image');
  }
  expect(await (await started()).api.getSession({ headers: new Headers() })).toBeNull();
});

test("an address that is none is refused", () => {
  expect(() => revocableJwt({ audience: "a", resourceServers: ["api.example.com"] })).toThrow(
    "give health addresses",
  );
});

test("an address of a transaction pooler is warned about", async () => {
  const pooler = await startPooler(own.url, "transaction");
  const pool = new Pool({ connectionString: pooler.url });
  await started({}, pool);
  await said("warn [revocation] `database` leads to a transaction pooler");
  await pool.end();
  await pooler.close();
});

test("the key set and the feed name the same database", async () => {
  const credential = "a credential of a resource server, long";
  const auth = await started({ feedCredentials: [credential] });
  const ask = (path: string, headers: Record<string, string> = {}) =>
    auth.handler(new Request(`http://localhost:3000/api/auth${path}`, { headers }));
  const keys = await ask("/jwks");
  const feed = await ask("/revocations", { authorization: `Bearer ${credential}` });
  expect(keys.headers.get("revocation-origin")).toMatch(/^[\da-f]{32}/);
  expect(feed.headers.get("revocation-origin")).toBe(keys.headers.get("revocation-origin"));
  expect(await feed.json()).not.toHaveProperty("origins");
  expect(keys.headers.get("cache-control")).toBe("public, max-age=60");
  const again = await ask("/jwks", { "if-none-match": keys.headers.get("etag") ?? "" });
  expect([again.status, again.headers.get("revocation-origin")]).toEqual([
    304,
    keys.headers.get("revocation-origin"),
  ]);
});
