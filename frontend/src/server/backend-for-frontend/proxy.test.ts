import { decodeJwt } from "jose";
import { describe, expect, test, vi } from "vitest";
import { proxyToApi } from "#server/backend-for-frontend/proxy.ts";
import { database } from "#server/database.ts";
import { env } from "#server/env.ts";
import { testDatabase } from "../../../test/database.ts";
import { fakeApi, refuse } from "../../../test/fake-api.ts";
import { browserCookies, ORIGIN, type Person, pageRequest, signUp } from "../../../test/people.ts";

const stage = testDatabase();
const api = fakeApi();

type Options = Parameters<typeof pageRequest>[1];

/** Calls `/api/backend/<path>` as Next.js does: the path comes decoded, in segments. */
const call = (path: string[], options: Options = {}, query = "") =>
  proxyToApi(pageRequest(`/api/backend/-${query}`, options), path);

const withToken = (person: Pick<Person, "cookie" | "accessToken">) => ({ cookie: browserCookies(person) });

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
    expect(tokenCookie(answer)).toMatch(
      new RegExp(
        `^access_token=${token}\\.[\\w-]{43}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${30 * 86_400}$`,
      ),
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
    await vi.waitFor(() => expect(api.received).toHaveLength(1), { timeout: 15_000 });
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
    expect(await codeOf(await call(["notes"], withToken(person)))).toEqual([401, "session_ended"]);
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

  test.each(["POST", "PATCH"])(
    "of the API in the middle of a %s: nobody can say, and it is not repeated",
    async (method) => {
      api.answers((_, response) => response.destroy());
      const answer = await call(["notes"], { ...withToken(await signUp()), method, body: {} });
      expect(await codeOf(answer)).toEqual([504, "outcome_unknown"]);
      expect(api.received).toHaveLength(1);
    },
  );

  test("of the API in the middle of a reading: nothing was to be done", async () => {
    api.answers((_, response) => response.destroy());
    expect(await codeOf(await call(["notes"], withToken(await signUp())))).toEqual([503, "api_unavailable"]);
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
  [["notes", "", "a"]],
  [["notes", "a/b"]],
  [["notes", "a\\b"]],
  [["notes", "%2e%2e"]],
  [["notes", "a\0"]],
  [["notes", "\ud800"]],
])("the path %o, which could lead elsewhere, is not found", async (path) => {
  expect(await codeOf(await call(path, withToken(await signUp())))).toEqual([404, "not_found"]);
  expect(api.received).toEqual([]);
});

test("a path of any other characters is passed on, encoded", async () => {
  expect((await call(["notes", "a?b#c ä"], withToken(await signUp()))).status).toBe(200);
  expect(api.received.map(({ url }) => url)).toEqual(["/api/notes/a%3Fb%23c%20%C3%A4"]);
});

describe("a body", () => {
  const large = "x".repeat(1024 * 1024);
  const upload = async (person: Person, body: string) =>
    call(["notes"], { ...withToken(person), method: "PUT", body });
  const expireOnce = () => {
    let refused = false;
    api.answers((_, response) => {
      if (refused) return response.setHeader("content-type", "application/json").end("{}");
      refused = true;
      return refuse(response, 401, "token_expired");
    });
  };

  test("of any size arrives whole", async () => {
    expect((await upload(await signUp(), large)).status).toBe(200);
    expect(api.received[0]?.body).toBe(large);
    expect(api.received[0]?.headers["content-length"]).toBeUndefined();
  });

  test("of up to 64 kB is sent again with a renewed token", async () => {
    const small = "x".repeat(64 * 1024);
    expireOnce();
    expect((await upload(await signUp(), small)).status).toBe(200);
    expect(api.received.map(({ body }) => body)).toEqual([small, small]);
  });

  test("of more is not, and the answer says so, with the token that the next attempt needs", async () => {
    const person = await signUp();
    expireOnce();
    const answer = await upload(person, large);
    expect(answer.headers.get("retry-after")).toBe("1");
    expect(tokenCookie(answer)).toContain("eyJ");
    expect(await codeOf(answer)).toEqual([503, "body_not_repeated"]);
    expect(api.received).toHaveLength(1);
    const again = { cookie: `${person.cookie}; ${tokenCookie(answer)?.split(";", 1)[0]}` };
    expect((await call(["notes"], { ...again, method: "PUT", body: large })).status).toBe(200);
  });

  test("of more goes with a new token at once when the held one has run out", async () => {
    const person = await signUp();
    vi.useFakeTimers({ toFake: ["Date"], now: person.claims.exp * 1000 + 1 });
    await database().query(`UPDATE auth.session SET "expiresAt" = $2 WHERE id = $1`, [
      person.claims.sid,
      new Date(Date.now() + 86_400_000),
    ]);
    const answer = await upload(person, large);
    vi.useRealTimers();
    expect(answer.status).toBe(200);
    expect(api.received.map(({ body }) => body.length)).toEqual([large.length]);
  });
});

describe("a stream", () => {
  test("of events passes as it comes, neither held back nor compressed on the way", async () => {
    let finish = () => {};
    api.answers((_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write("id: 1\ndata: first\n\n");
      finish = () => response.end("id: 2\ndata: last\n\n");
    });
    const headers = { accept: "text/event-stream", "last-event-id": "0" };
    const answer = await call(["notes", "events"], { ...withToken(await signUp()), headers });
    expect(answer.headers.get("cache-control")).toBe("no-store, no-transform");
    expect(answer.headers.get("x-accel-buffering")).toBe("no");
    expect(api.received[0]?.headers["last-event-id"]).toBe("0");
    const reader = (answer.body ?? new ReadableStream()).getReader();
    const text = async () => new TextDecoder().decode((await reader.read()).value);
    expect(await text()).toBe("id: 1\ndata: first\n\n");
    finish();
    expect(await text()).toBe("id: 2\ndata: last\n\n");
    expect((await reader.read()).done).toBe(true);
  });

  test("ends at the API when the browser leaves", async () => {
    const closed = new Promise<void>((resolve) => {
      api.answers((_, response) => {
        response.writeHead(200, { "content-type": "text/event-stream" }).write("data: 1\n\n");
        response.once("close", resolve);
      });
    });
    const browser = new AbortController();
    const request = pageRequest("/api/backend/-", withToken(await signUp()));
    const answer = await proxyToApi(new Request(request, { signal: browser.signal }), ["notes", "events"]);
    browser.abort();
    await answer.text().catch(() => "");
    await closed;
  });
});

test("a part of a download is asked for and told as the API tells it", async () => {
  api.answers((_, response) => {
    response.writeHead(206, {
      "content-type": "application/pdf",
      "content-range": "bytes 0-3/10",
      "accept-ranges": "bytes",
      "content-length": 4,
      "content-disposition": 'attachment; filename="a.pdf"',
      "last-modified": "Sat, 21 Nov 2026 00:00:00 GMT",
    });
    response.end("%PDF");
  });
  const headers = { range: "bytes=0-3", "if-range": '"1"' };
  const answer = await call(["notes", "file"], { ...withToken(await signUp()), headers });
  expect(api.received[0]?.headers).toMatchObject(headers);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    "content-range": "bytes 0-3/10",
    "accept-ranges": "bytes",
    "content-length": "4",
    "content-disposition": 'attachment; filename="a.pdf"',
    "last-modified": "Sat, 21 Nov 2026 00:00:00 GMT",
  });
  expect([answer.status, await answer.text()]).toEqual([206, "%PDF"]);
});

describe("an access token left over from another session", () => {
  test("is not used: the call is made as the one whose session it is", async () => {
    const [before, now] = [await signUp(), await signUp()];
    const leftover = browserCookies(before)
      .split("; ")
      .find((pair) => pair.startsWith("access_token="));
    const answer = await call(["me"], { cookie: `${now.cookie}; ${leftover}` });
    expect(answer.status).toBe(200);
    expect(bearers().map((token = "") => decodeJwt(token).sub)).toEqual([now.id]);
    expect(tokenCookie(answer)).toContain(bearers()[0]);
  });

  test("is not used when it was put there without its session's secret", async () => {
    const [thief, victim] = [await signUp(), await signUp()];
    for (const value of [
      thief.accessToken,
      `${thief.accessToken}.`,
      `${thief.accessToken}.${"x".repeat(43)}`,
    ]) {
      await call(["me"], { cookie: `${victim.cookie}; access_token=${value}` });
    }
    expect(bearers().map((token = "") => decodeJwt(token).sub)).toEqual([victim.id, victim.id, victim.id]);
  });

  test("is nothing without a session", async () => {
    const pair = browserCookies(await signUp())
      .split("; ")
      .find((one) => one.startsWith("access_token="));
    expect(await codeOf(await call(["me"], { cookie: String(pair) }))).toEqual([401, "session_ended"]);
    expect(api.received).toEqual([]);
  });
});

describe("a call that says for whom it is meant", () => {
  test("is made as that user, with a token at hand or a new one", async () => {
    const person = await signUp();
    const headers = { "x-expected-subject": person.id };
    expect((await call(["me"], { ...withToken(person), headers })).status).toBe(200);
    expect((await call(["me"], { cookie: person.cookie, headers })).status).toBe(200);
  });

  test("is refused when another has signed in, and the API is not asked", async () => {
    const person = await signUp();
    const headers = { "x-expected-subject": (await signUp()).id };
    const options = { method: "POST", body: {}, headers };
    expect(await codeOf(await call(["notes"], { ...withToken(person), ...options }))).toEqual([
      409,
      "wrong_subject",
    ]);
    expect(await codeOf(await call(["notes"], { cookie: person.cookie, ...options }))).toEqual([
      409,
      "wrong_subject",
    ]);
    expect(api.received).toEqual([]);
  });
});
