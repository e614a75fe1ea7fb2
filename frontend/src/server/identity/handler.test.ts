import { inspect } from "node:util";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { database } from "#server/database.ts";
import { handleAuthRequest } from "#server/identity/handler.ts";
import { queryRow, testDatabase } from "../../../test/database.ts";
import { freshEmail, get, ORIGIN, PASSWORD, pageRequest, post, signUp } from "../../../test/people.ts";
import { GET as jwks } from "../../app/api/auth/jwks/route.ts";

testDatabase();

beforeAll(() => {
  process.env["RATE_LIMIT_ENABLED"] = "true";
  process.env["RATE_LIMIT_MAX"] = "1000";
});

const codeOf = async (answer: Response) => [answer.status, (await answer.json()).code];

describe("the key set", () => {
  const ask = (headers: Record<string, string> = {}, method = "GET") =>
    jwks(new Request(`${ORIGIN}/api/auth/jwks`, { method, headers }));

  test("may be kept for a minute, and has a strong ETag", async () => {
    const answer = await ask();
    expect(answer.headers.get("cache-control")).toBe("public, max-age=60");
    expect(answer.headers.get("etag")).toMatch(/^"[\w-]+"$/);
    expect(answer.headers.getSetCookie()).toEqual([]);
    const { keys } = await answer.json();
    expect(Object.keys(keys[0]).sort()).toEqual(["alg", "crv", "kid", "kty", "x"]);
  });

  test.each([
    [(etag: string) => etag, 304],
    [(etag: string) => `W/${etag}`, 304],
    [(etag: string) => `"other", ${etag}`, 304],
    [() => "*", 304],
    [() => '"other"', 200],
  ])("is sent again only when it has changed", async (known, status) => {
    const etag = (await ask()).headers.get("etag") ?? "";
    const answer = await ask({ "if-none-match": known(etag) });
    expect(answer.status).toBe(status);
    expect(answer.headers.get("etag")).toBe(etag);
    expect((await answer.text()).length > 0).toBe(status === 200);
  });

  test("is described to a HEAD as to a GET", async () => {
    const [head, full] = await Promise.all([ask({}, "HEAD"), ask()]);
    expect([head.status, head.headers.get("etag")]).toEqual([200, full.headers.get("etag")]);
  });
});

describe("a sign-in without cookie and origin", () => {
  let clients = 0;
  const from = (headers: Record<string, string>) =>
    handleAuthRequest(
      new Request(`${ORIGIN}/api/auth/sign-in/email`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "sec-fetch-mode": "cors",
          "x-client-ip": `198.51.100.${++clients}`,
          ...headers,
        },
        body: JSON.stringify({ email: "nobody@example.com", password: PASSWORD }),
      }),
    );

  test("is heard from a server's fetch, which has no origin", async () => {
    expect(await codeOf(await from({}))).toEqual([401, "invalid_credentials"]);
  });

  test.each([{ "sec-fetch-site": "cross-site" }, { origin: "https://evil.example" }, { origin: "null" }])(
    "is refused from a browser: %o",
    async (headers) => {
      expect(await codeOf(await from(headers))).toEqual([403, "origin_not_allowed"]);
    },
  );
});

describe("an answer", () => {
  test("with a token in it is not to be stored", async () => {
    const person = await signUp();
    for (const path of ["/token", "/get-session"]) {
      expect((await get(path, person)).headers.get("cache-control")).toBe("no-store");
    }
  });

  test.each([
    ["/no-such-thing", 404, "not_found"],
    ["/token?x=%00", 400, "bad_request"],
    ["/list-sessions", 401, "session_ended"],
  ])("to %s is the problem %i %s", async (path, status, code) => {
    expect(await codeOf(await get(path))).toEqual([status, code]);
  });

  test("to NUL in a body names the field", async () => {
    const body = { name: "Ada", email: freshEmail(), password: PASSWORD, image: "a\0b" };
    const answer = await post("/sign-up/email", undefined, body);
    expect(answer.status).toBe(422);
    expect((await answer.json()).errors).toEqual([
      { field: "image", code: "nul", message: "Remove the NUL character." },
    ]);
  });

  test.each([
    ["an object", '{"a":', "}"],
    ["an array", '{"a":[', "]}"],
  ])("to JSON nested too deep is a refusal: %s", async (_, open, close) => {
    const nested = (levels: number) => `${open.repeat(levels)}1${close.repeat(levels)}`;
    const send = (body: string) =>
      handleAuthRequest(pageRequest("/api/auth/sign-in/email", { method: "POST", body }));
    expect(await codeOf(await send(nested(5000)))).toEqual([400, "malformed_json"]);
    expect(await codeOf(await send(nested(8)))).toEqual([422, "validation_failed"]);
  });

  test.each([
    ["GET", "/sign-in/email", 405, "method_not_allowed"],
    ["DELETE", "/get-session", 405, "method_not_allowed"],
    ["POST", "/verify-password", 404, "not_found"],
    ["GET", "/reset-password/guess", 404, "not_found"],
    ["GET", "//jwks", 404, "not_found"],
    ["GET", "/jwks/", 404, "not_found"],
  ])("to %s %s is the problem %i %s", async (method, path, status, code) => {
    expect(await codeOf(await handleAuthRequest(pageRequest(`/api/auth${path}`, { method })))).toEqual([
      status,
      code,
    ]);
  });

  test("to paths that are not there leaves no trace in the database", async () => {
    const rows = () => queryRow('SELECT count(*)::int AS count FROM auth."rateLimit"');
    const before = await rows();
    for (let i = 0; i < 5; i++) {
      await get(`/nothing-${i}`);
      await get(`/callback/${i}`);
      await get(`/reset-password/${i}?callbackURL=/`);
    }
    expect(await rows()).toEqual(before);
  });

  test("to a failure of the database tells no address, here or in the log", async () => {
    const lines: unknown[] = [];
    for (const method of ["log", "warn", "error"] as const) {
      vi.spyOn(console, method).mockImplementation((...args) => lines.push(...args));
    }
    const email = freshEmail();
    await database().query(
      `ALTER TABLE auth.account ADD CONSTRAINT none CHECK (password IS NULL OR "createdAt" < '2000-01-01') NOT VALID`,
    );
    const answer = await post("/sign-up/email", undefined, { name: "Ada", email, password: PASSWORD });
    await database().query("ALTER TABLE auth.account DROP CONSTRAINT none");
    expect(await codeOf(answer)).toEqual([503, "identity_provider_unavailable"]);
    const printed = lines.map((line) => (line instanceof Error ? inspect(line) : String(line))).join("\n");
    expect(printed).toContain("23514");
    for (const secret of [email, "$argon2"]) expect(printed).not.toContain(secret);
  });

  test("to a form is a refusal: only JSON makes the browser ask first", async () => {
    const request = pageRequest("/api/auth/sign-out", {
      method: "POST",
      body: "a=b",
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });
    expect(await codeOf(await handleAuthRequest(request))).toEqual([415, "unsupported_media_type"]);
  });

  test("has the request's id, and so has the line in the log", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const error = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const { cookie, email, accessToken } = await signUp();
    const headers = { "x-request-id": "req-9", origin: "https://evil.example" };
    const request = pageRequest("/api/auth/sign-out", { method: "POST", body: {}, cookie, headers });
    expect((await handleAuthRequest(request)).headers.get("x-request-id")).toBe("req-9");
    const lines = [...warn.mock.calls, ...error.mock.calls].flat().join("\n");
    expect(lines).toContain("request_id=req-9");
    for (const secret of [email, accessToken, cookie]) expect(lines).not.toContain(secret);
  });
});

describe("sign-ins from one address", () => {
  const attempt = (address: string) =>
    handleAuthRequest(
      pageRequest("/api/auth/sign-in/email", {
        method: "POST",
        body: { email: "ada@example.com", password: PASSWORD },
        headers: { "x-client-ip": address },
      }),
    );

  test("are limited, with the seconds to wait; others are not concerned", async () => {
    const statuses = [];
    for (let i = 0; i < 3; i++) statuses.push((await attempt("203.0.113.9")).status);
    expect(statuses).toEqual([401, 401, 401]);
    const refused = await attempt("203.0.113.9");
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(Number(refused.headers.get("retry-after"))).toBeLessThanOrEqual(10);
    expect(await codeOf(refused)).toEqual([429, "rate_limited"]);
    expect((await attempt("203.0.113.10")).status).toBe(401);
  });
});
