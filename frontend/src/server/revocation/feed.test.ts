import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { database } from "#server/database.ts";
import { env } from "#server/env.ts";
import { handleAuthRequest } from "#server/identity/handler.ts";
import { testDatabase } from "../../../test/database.ts";
import { signUp } from "../../../test/people.ts";

const stage = testDatabase();

const CREDENTIAL = "a credential of a resource server, long";

beforeAll(() => {
  env().REVOCATION_FEED_TOKEN = CREDENTIAL;
});

type Page = {
  cursor: string;
  reset: boolean;
  complete: boolean;
  revocations: { sid?: string; sub?: string; min_ver?: number; expires_at: number }[];
};

const ask = (
  query = "",
  headers: Record<string, string> = { authorization: `Bearer ${CREDENTIAL}` },
  signal?: AbortSignal,
) =>
  handleAuthRequest(
    new Request(`http://localhost:3000/api/auth/revocations${query}`, { headers, ...(signal && { signal }) }),
  );

const read = async (query = ""): Promise<Page> => (await ask(query)).json();

const since = ({ cursor }: Page, wait = 0) => `?after=${encodeURIComponent(cursor)}&wait=${wait}`;

const endSession = async () => {
  const { claims } = await signUp();
  await database().query("DELETE FROM auth.session WHERE id = $1", [claims.sid]);
  return claims.sid;
};

describe("the feed is for resource servers", () => {
  test.each([
    ["none", {}],
    ["another", { authorization: "Bearer something else that is long enough" }],
    ["the credential in another scheme", { authorization: `Basic ${CREDENTIAL}` }],
    ["the bare credential", { authorization: CREDENTIAL }],
    ["more than the credential", { authorization: `Bearer ${CREDENTIAL}x` }],
  ])("with a credential, not with %s", async (_, headers: Record<string, string>) => {
    const answer = await ask("", headers);
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toBe("Bearer");
  });

  test("with the credential of before too, while one replaces the other", async () => {
    env().REVOCATION_FEED_TOKEN = "the-credential-that-replaces-the-former-one";
    const statusOf = async (credential: string) =>
      (await ask("", { authorization: `Bearer ${credential}` })).status;
    try {
      expect(await statusOf(CREDENTIAL)).toBe(401);
      env().REVOCATION_FEED_TOKEN_PREVIOUS = CREDENTIAL;
      expect(await statusOf(CREDENTIAL)).toBe(200);
      expect(await statusOf(env().REVOCATION_FEED_TOKEN ?? "")).toBe(200);
      expect(await statusOf("undefined")).toBe(401);
    } finally {
      env().REVOCATION_FEED_TOKEN = CREDENTIAL;
      delete env().REVOCATION_FEED_TOKEN_PREVIOUS;
    }
  });

  test("and closed to everyone while none is configured", async () => {
    delete env().REVOCATION_FEED_TOKEN;
    const statuses = await Promise.all([
      ask(),
      ask("", { authorization: "Bearer undefined" }),
      ask("", { authorization: "Bearer " }),
    ]);
    env().REVOCATION_FEED_TOKEN = CREDENTIAL;
    expect(statuses.map(({ status }) => status)).toEqual([401, 401, 401]);
  });
});

test("the first page has everything, and the cursor leads on to what is new", async () => {
  const before = await endSession();
  const first = await read();
  expect(first).toMatchObject({
    reset: true,
    complete: true,
    missing_triggers: [],
    schema_version: 5,
    max_token_life: expect.any(Number),
    expected: expect.any(Number),
  });
  expect(first.revocations.map(({ sid }) => sid)).toContain(before);

  const later = await endSession();
  const { id } = await signUp();
  await database().query("UPDATE auth.\"user\" SET role = 'admin' WHERE id = $1", [id]);
  const second = await read(since(first));
  expect(second.reset).toBe(false);
  expect(second.revocations).toEqual([
    { sid: later, expires_at: expect.any(Number) },
    { sub: id, min_ver: expect.any(Number), expires_at: expect.any(Number) },
  ]);
  expect((await read(since(second))).revocations).toEqual([]);
});

test("a revocation of each kind is a row of its own, and ends a long poll", async () => {
  const first = await read();
  const expires_at = expect.any(Number);
  const hourAgo = Math.floor(Date.now() / 1000) - 3600;
  for (const [statement, row] of [
    ["SELECT auth.revoke_token('stolen')", { jti: "stolen", expires_at }],
    [
      `SELECT auth.revoke_token('renewed', to_timestamp(${hourAgo}))`,
      { jti: "renewed", effective_at: hourAgo, expires_at },
    ],
    ["SELECT auth.revoke_client('leaked-app')", { client_id: "leaked-app", expires_at }],
    [
      `SELECT auth.revoke_issued_before(to_timestamp(${hourAgo - 0.5}), subject => 'someone')`,
      { sub: "someone", issued_before: hourAgo, expires_at },
    ],
    [
      `SELECT auth.revoke_issued_before(to_timestamp(${hourAgo}), issuer => 'https://idp')`,
      { iss: "https://idp", issued_before: hourAgo, expires_at },
    ],
  ] as const) {
    const before = await read(since(first));
    const pending = read(since(before, 30));
    await sleep(20);
    await database().query(statement);
    expect((await pending).revocations).toEqual([row]);
  }
  expect((await read(since(first))).revocations).toHaveLength(5);
});

test("nothing new is a 304 to who has the cursor's ETag, and a page to who has not", async () => {
  const answer = await ask();
  const etag = answer.headers.get("etag") ?? "";
  const page: Page = await answer.json();
  const authorization = `Bearer ${CREDENTIAL}`;
  const same = await ask(since(page), { authorization, "if-none-match": etag });
  expect([same.status, same.headers.get("etag"), await same.text()]).toEqual([304, etag, ""]);
  for (const one of [answer, same]) expect(one.headers.get("revocation-origin")).toMatch(/^[0-9a-f]{32}/);
  expect((await ask(since(page), { authorization, "if-none-match": '"other"' })).status).toBe(200);
  await endSession();
  expect((await ask(since(page), { authorization, "if-none-match": etag })).status).toBe(200);
});

describe("a long poll", () => {
  test("is answered by the notification, not by the clock", async () => {
    const first = await read();
    await read(since(first, 1));
    const started = performance.now();
    const pending = read(since(first, 30));
    await sleep(20);
    const sid = await endSession();
    const revoked = performance.now();
    expect((await pending).revocations).toEqual([{ sid, expires_at: expect.any(Number) }]);
    expect(performance.now() - revoked).toBeLessThan(500);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  test("ends with nothing when its time is over", async () => {
    const first = await read();
    const started = performance.now();
    expect((await read(since(first, 1))).revocations).toEqual([]);
    expect(performance.now() - started).toBeGreaterThan(900);
  });

  test("ends when the caller leaves", async () => {
    const first = await read();
    const caller = new AbortController();
    const pending = ask(since(first, 30), { authorization: `Bearer ${CREDENTIAL}` }, caller.signal);
    await sleep(20);
    caller.abort();
    expect((await pending).status).toBe(200);
  });
});

test.each(["?after=%00", "?after=a%20b", "?wait=31", "?wait=-1", "?wait=x", `?after=${"x".repeat(8001)}`])(
  "the query %s is a bad request",
  async (query) => {
    expect((await ask(query)).status).toBe(400);
  },
);

test("a cursor that can't be continued begins anew; one that was tampered with is a bad request", async () => {
  expect((await read("?after=nonsense")).reset).toBe(true);
  const { cursor } = await read();
  const [epoch] = cursor.split("/");
  expect((await ask(`?after=${epoch}/nonsense`)).status).toBe(400);
});

test("a database that is away is an outage, and the feed goes on after it", async () => {
  const first = await read();
  const answer = await stage.unreachableWhile(() => ask(since(first, 1)));
  expect(answer.status).toBe(503);
  expect(answer.headers.get("retry-after")).toBe("5");
  const sid = await endSession();
  expect((await read(since(first, 5))).revocations.map((one) => one.sid)).toContain(sid);
});
