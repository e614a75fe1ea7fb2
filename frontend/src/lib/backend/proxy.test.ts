import { decodeJwt } from "jose";
import { describe, expect, test, vi } from "vitest";
import { proxyToApi } from "#lib/backend/proxy.ts";
import { database } from "#lib/database.ts";
import { env } from "#lib/env.ts";
import { testDatabase } from "../../../test/database.ts";
import { fakeApi, refuse } from "../../../test/fake-api.ts";
import { ORIGIN, type Person, pageRequest, signUp } from "../../../test/people.ts";

const stage = testDatabase();
const api = fakeApi();

type Options = Parameters<typeof pageRequest>[1];

/** Calls `/api/backend/<path>` as Next.js does: the path comes decoded, in segments. */
const call = (path: string[], options: Options = {}, query = "") =>
  proxyToApi(pageRequest(`/api/backend/-${query}`, options), path);

const withToken = ({ cookie, accessToken }: Pick<Person, "cookie" | "accessToken">) => ({
  cookie: `${cookie}; access_token=${accessToken}`,
});

const codeOf = async (answer: Response) => [answer.status, (await answer.json()).code];

const bearers = () => api.received.map(({ headers }) => headers.authorization?.replace("Bearer ", ""));

const tokenCookie = (answer: Response) =>
  answer.headers.getSetCookie().find((cookie) => cookie.startsWith("access_token="));

describe("a request", () => {
  test("reaches the API with the token from the cookie, and nothing else of the browser's", async () => {
    const person = await signUp();
    const answer = await call(
      ["notes", "n-1"],
      {
        ...withToken(person),
        method: "PATCH",
        body: { title: "T" },
        headers: {
          authorization: "Bearer forged",
          "x-forwarded-for": "198.51.100.7",
          "x-client-ip": "203.0.113.9",
          "if-match": '"1"',
          "x-secret": "1",
        },
      },
      "?cursor=a%20b&x=1",
    );
    expect(answer.status).toBe(200);
    const [received] = api.received;
    expect(received).toMatchObject({
      method: "PATCH",
      url: "/api/notes/n-1?cursor=a%20b&x=1",
      body: '{"title":"T"}',
    });
    expect(received?.headers).toMatchObject({
      authorization: `Bearer ${person.accessToken}`,
      "content-type": "application/json",
      "x-forwarded-for": "203.0.113.9",
      "if-match": '"1"',
    });
    for (const name of ["cookie", "origin", "x-secret", "x-client-ip"]) {
      expect(received?.headers).not.toHaveProperty(name);
    }
  });

  test("without a token yet is given one in the same round trip", async () => {
    const person = await signUp();
    const answer = await call(["me"], { cookie: person.cookie });
    expect(answer.status).toBe(200);
    const [token = ""] = bearers();
    expect(decodeJwt(token)["sid"]).toBe(person.claims.sid);
    expect(tokenCookie(answer)).toBe(
      `access_token=${token}; Path=/; Max-Age=${30 * 86_400}; HttpOnly; SameSite=Lax`,
    );
  });

  test("gets the API's own answer: status, body, and the headers that matter", async () => {
    api.answers((_, response) => {
      response.writeHead(201, {
        "content-type": "application/json",
        etag: '"7"',
        location: "/api/notes/7",
        "set-cookie": "stolen=1",
        "x-internal": "1",
      });
      response.end('{"id":7}');
    });
    const answer = await call(["notes"], { ...withToken(await signUp()), method: "POST", body: {} });
    expect(answer.status).toBe(201);
    expect(await answer.json()).toEqual({ id: 7 });
    expect(answer.headers.get("etag")).toBe('"7"');
    expect(answer.headers.get("location")).toBe("/api/backend/notes/7");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.get("x-internal")).toBeNull();
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  test.each([204, 304])("gets a %i without a body", async (status) => {
    api.answers((_, response) => response.writeHead(status).end());
    const answer = await call(["notes", "1"], withToken(await signUp()));
    expect(answer.status).toBe(status);
    expect(answer.body).toBeNull();
  });

  test("is not led elsewhere by a redirect", async () => {
    api.answers((_, response) => response.writeHead(307, { location: "http://elsewhere.example/" }).end());
    expect((await call(["notes"], withToken(await signUp()))).status).toBe(307);
    expect(api.received).toHaveLength(1);
  });

  test("is answered as the API goes on, not when it has ended", async () => {
    let finish = () => {};
    api.answers((_, response) => {
      response.writeHead(200, { "content-type": "text/plain" }).write("first,");
      finish = () => response.end("last");
    });
    const answer = await call(["stream"], withToken(await signUp()));
    finish();
    expect(await answer.text()).toBe("first,last");
  });

  test("that the browser gives up is given up at the API too", async () => {
    const left = new Promise((resolve) => {
      api.answers((_, response) => response.on("close", () => resolve(undefined)));
    });
    const browser = new AbortController();
    const request = pageRequest("/api/backend/slow", withToken(await signUp()));
    const pending = proxyToApi(new Request(request, { signal: browser.signal }), ["slow"]);
    await vi.waitFor(() => expect(api.received).toHaveLength(1));
    browser.abort();
    await left;
    expect((await pending).status).toBe(503);
  });
});

describe("the request's id", () => {
  test("is passed to the API and back", async () => {
    const answer = await call(["me"], { ...withToken(await signUp()), headers: { "x-request-id": "req-1" } });
    expect(api.received[0]?.headers["x-request-id"]).toBe("req-1");
    expect(answer.headers.get("x-request-id")).toBe("req-1");
  });

  test("is made when there is none", async () => {
    const answer = await call(["me"], withToken(await signUp()));
    const id = answer.headers.get("x-request-id");
    expect(id).toMatch(/^[\da-f-]{36}$/);
    expect(api.received[0]?.headers["x-request-id"]).toBe(id);
  });

  test("is in the line that tells of a failure, without token or address", async () => {
    const { email, accessToken, cookie } = await signUp();
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    api.answers((_, response) => response.destroy());
    await call(["me"], { ...withToken({ accessToken, cookie }), headers: { "x-request-id": "req-2" } });
    const lines = warn.mock.calls.flat().join("\n");
    expect(lines).toContain("api_unreachable");
    expect(lines).toContain("request_id=req-2");
    expect(lines).not.toContain(accessToken);
    expect(lines).not.toContain(email);
  });
});

describe("a token that the API refuses", () => {
  test.each(["token_expired", "token_revoked", "token_invalid", "token_missing"])(
    "with %s is renewed in one round trip while the session lives",
    async (code) => {
      const person = await signUp();
      api.answers(({ headers }, response) => {
        if (headers.authorization === `Bearer ${person.accessToken}`) refuse(response, 401, code);
        else response.end('"in"');
      });
      const answer = await call(["notes"], { ...withToken(person), method: "POST", body: { title: "T" } });
      expect(await answer.json()).toBe("in");
      expect(api.received.map(({ body }) => body)).toEqual(['{"title":"T"}', '{"title":"T"}']);
      expect(tokenCookie(answer)).toContain(bearers()[1]);
    },
  );

  test("once more is not tried a third time", async () => {
    api.answers((_, response) => refuse(response, 401, "token_revoked"));
    const answer = await call(["notes"], withToken(await signUp()));
    expect(await codeOf(answer)).toEqual([401, "token_revoked"]);
    expect(api.received).toHaveLength(2);
  });

  test.each([
    [403, "insufficient_scope"],
    [503, "revocation_stale"],
    [401, "something_else"],
  ])("with %i %s is kept", async (status, code) => {
    api.answers((_, response) => refuse(response, status, code));
    const answer = await call(["notes"], withToken(await signUp()));
    expect(await codeOf(answer)).toEqual([status, code]);
    expect(api.received).toHaveLength(1);
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  test("is given up when the session is dead: the browser is told so, and keeps the token that tells why", async () => {
    const person = await signUp();
    await database().query("DELETE FROM auth.session WHERE id = $1", [person.claims.sid]);
    api.answers((_, response) => refuse(response, 401, "token_revoked"));
    const answer = await call(["notes"], withToken(person));
    expect(tokenCookie(answer)).toBeUndefined();
    expect(await codeOf(answer)).toEqual([401, "session_ended"]);
  });

  test("is not renewed for somebody who is banned", async () => {
    const person = await signUp();
    await database().query(`UPDATE auth."user" SET banned = true WHERE id = $1`, [person.id]);
    api.answers((_, response) => refuse(response, 401, "token_revoked"));
    expect(await codeOf(await call(["notes"], withToken(person)))).toEqual([403, "account_banned"]);
  });
});

test("nobody at all is told that the session has ended, and the API is not asked", async () => {
  expect(await codeOf(await call(["notes"]))).toEqual([401, "session_ended"]);
  expect(await codeOf(await call(["notes"], { cookie: "better-auth.session_token=forged" }))).toEqual([
    401,
    "session_ended",
  ]);
  expect(api.received).toEqual([]);
});

describe("an outage is never a 401", () => {
  test("of the API", async () => {
    const person = await signUp();
    const { API_URL } = env();
    env().API_URL = "http://127.0.0.1:1";
    const answer = await call(["notes"], withToken(person)).finally(() => {
      env().API_URL = API_URL;
    });
    expect(answer.headers.get("retry-after")).toBe("5");
    expect(await codeOf(answer)).toEqual([503, "api_unavailable"]);
  });

  test("of the API in the middle of a request, which is not repeated", async () => {
    api.answers((_, response) => response.destroy());
    const answer = await call(["notes"], { ...withToken(await signUp()), method: "POST", body: {} });
    expect(await codeOf(answer)).toEqual([503, "api_unavailable"]);
    expect(api.received).toHaveLength(1);
  });

  test("of the identity provider's database, when the token has to be renewed", async () => {
    const person = await signUp();
    api.answers((_, response) => refuse(response, 401, "token_expired"));
    const answer = await stage.unreachableWhile(() => call(["notes"], withToken(person)));
    expect(answer.headers.get("retry-after")).toBe("5");
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(await codeOf(answer)).toEqual([503, "identity_provider_unavailable"]);
  });
});

describe("a request from another site", () => {
  const from = (headers: Record<string, string>, method: string) =>
    proxyToApi(new Request(`${ORIGIN}/api/backend/notes`, { method, headers }), ["notes"]);

  test.each([
    [{ origin: "https://evil.example" }],
    [{ origin: "null" }],
    [{ origin: `${ORIGIN}.evil.example` }],
    [{ origin: "http://127.0.0.1:3000" }],
    [{ "sec-fetch-site": "cross-site" }],
    [{ "sec-fetch-site": "same-site" }],
    [{}],
  ])("may change nothing: %o", async (headers) => {
    for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
      const given = { ...headers, cookie: "access_token=x" } as Record<string, string>;
      expect(await codeOf(await from(given, method))).toEqual([403, "origin_not_allowed"]);
    }
    expect(api.received).toEqual([]);
  });

  test("may read, as far as the browser sends our cookies at all", async () => {
    const headers = { origin: "https://evil.example", cookie: withToken(await signUp()).cookie };
    expect((await from(headers, "GET")).status).toBe(200);
  });

  test("that is our own page's may change things, with or without Origin", async () => {
    const { cookie } = withToken(await signUp());
    expect((await from({ cookie, origin: ORIGIN }, "DELETE")).status).toBe(200);
    expect((await from({ cookie, "sec-fetch-site": "same-origin" }, "DELETE")).status).toBe(200);
  });
});

test.each([
  [["..", "metrics"]],
  [["notes", "..", "..", "metrics"]],
  [["."]],
  [["notes", ""]],
  [["notes", "a/b"]],
  [["notes", "a\\b"]],
  [["notes", "%2e%2e"]],
  [["notes", "a?b"]],
  [["notes", "a#b"]],
  [["notes", "a\0"]],
  [["notes", "ä"]],
])("the path %o, which could lead elsewhere, is not found", async (path) => {
  expect(await codeOf(await call(path, withToken(await signUp())))).toEqual([404, "not_found"]);
  expect(api.received).toEqual([]);
});

test("a body of more than a megabyte is refused before the API sees it", async () => {
  const body = "x".repeat(1024 * 1024 + 1);
  const answer = await call(["notes"], { ...withToken(await signUp()), method: "POST", body });
  expect(await codeOf(answer)).toEqual([413, "payload_too_large"]);
  expect(api.received).toEqual([]);
});
