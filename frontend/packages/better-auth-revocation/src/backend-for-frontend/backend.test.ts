import { type BetterAuthOptions, betterAuth } from "better-auth";
import { decodeJwt } from "jose";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { ORIGIN, stockOptions } from "../../test/applications.ts";
import { ownDatabase } from "../../test/database.ts";
import { mintingWith } from "../composition.ts";
import { revocableJwt } from "../index.ts";
import { backendForFrontend as nextRoutes } from "../next.ts";
import {
  AccessTokenCookie,
  backendForFrontend,
  cookiePairs,
  createApiProxy,
  keySetHandler,
} from "../server.ts";
import { type FakeApi, isRevoked, prepareDatabase, refuse, signedIn, startFakeApi } from "../testing.ts";

const own = ownDatabase();
let api: FakeApi;

const application = (more: Omit<BetterAuthOptions, "plugins" | "database"> = {}) =>
  betterAuth({
    ...stockOptions,
    ...more,
    database: own.pool,
    logger: { disabled: true },
    plugins: [...revocableJwt({ audience: "https://api.example.com", issuer: ORIGIN, clientAddress: "fly" })],
  });
let auth: ReturnType<typeof application>;

beforeAll(async () => {
  auth = application();
  await prepareDatabase(auth);
  api = await startFakeApi();
});
beforeEach(() => api.reset());
afterAll(() => api.close());

const request = (path: string, cookie: string, init: RequestInit = {}) =>
  new Request(`${ORIGIN}${path}`, { ...init, headers: { cookie, origin: ORIGIN, ...init.headers } });

const plain = (path: string, cookie: string, init?: RequestInit) =>
  backendForFrontend(auth, { api: `${api.url}/v1/` })(request(path, cookie, init));

/** The cookie of a token that is held, as a browser sends it. */
const holding = (cookie: string, accessToken: string): string => {
  const names = {
    sessionToken: "better-auth.session_token",
    dontRemember: "better-auth.dont_remember",
    secure: false,
  };
  const set = new AccessTokenCookie(names).set({ accessToken, expiresIn: 60 }, new Headers({ cookie }));
  return set.split(";", 1)[0] ?? "";
};

const bearers = () => api.received.map(({ headers }) => String(headers.authorization).replace("Bearer ", ""));

describe("a Next.js route", () => {
  test("gives the browser's call a token, and the browser its cookie, which the next call is made with", async () => {
    const { GET, POST } = nextRoutes(auth, { api: api.url });
    const { session, cookie } = await signedIn(auth);
    const params = Promise.resolve({ path: ["notes", "n-1"] });
    const first = await GET(request("/api/backend/notes/n-1?x=1", cookie), { params });
    expect(first.status).toBe(200);
    const [set = ""] = first.headers.getSetCookie().filter((one) => one.startsWith("access_token="));
    expect(set).toContain("; HttpOnly; SameSite=Lax");
    const again = `${cookie}; ${set.split(";", 1)[0]}`;
    const second = await POST(request("/api/backend/notes/n-1", again, { method: "POST", body: "{}" }), {
      params,
    });
    expect([second.status, second.headers.getSetCookie()]).toEqual([200, []]);
    expect(api.received.map(({ method, url }) => `${method} ${url}`)).toEqual([
      "GET /notes/n-1?x=1",
      "POST /notes/n-1",
    ]);
    const [token = "", same] = bearers();
    expect(decodeJwt(token)["sid"]).toBe(session.id);
    expect(same).toBe(token);
  });

  test("without the API's address fails while it is loaded, except in the build", () => {
    expect(() => nextRoutes(auth, { api: undefined })).toThrow("`api` is missing");
    vi.stubEnv("NEXT_PHASE", "phase-production-build");
    expect(Object.keys(nextRoutes(auth, { api: undefined }))).toEqual([
      "GET",
      "POST",
      "PUT",
      "PATCH",
      "DELETE",
    ]);
  });
});

describe("a server of plain requests", () => {
  test("calls the API beneath its path, as the client whose address the platform tells", async () => {
    const { cookie } = await signedIn(auth);
    const headers = {
      "x-forwarded-for": "198.51.100.7",
      "fly-client-ip": "203.0.113.9",
      "x-request-id": "req-1",
    };
    expect((await plain("/api/backend/%zz", cookie)).status).toBe(404);
    expect((await plain("/elsewhere", cookie)).status).toBe(404);
    expect((await plain("/api/backend/notes/7", cookie, { headers })).status).toBe(200);
    expect(api.received).toMatchObject([
      { url: "/v1/notes/7", headers: { "x-forwarded-for": "203.0.113.9", "x-request-id": "req-1" } },
    ]);
    expect(api.received[0]?.headers).not.toHaveProperty("cookie");
  });

  test.each([
    "tags/m%C3%BCnchen",
    "files/my%20file.pdf",
    "files/100%25",
    "files/a%3Fb%23c",
    "tags/%F0%9F%8D%8B",
    "notes/",
    "a;b=c,d/@me:~(x)!*'$&+",
  ])("passes the path %s on as it is", async (path) => {
    const { cookie } = await signedIn(auth);
    expect((await plain(`/api/backend/${path}`, cookie)).status).toBe(200);
    expect(api.received.map(({ url }) => url)).toEqual([`/v1/${path}`]);
  });

  test.each([
    "a%2Fb",
    "a%5Cb",
    "a%00",
    "a%0Ab",
    "a%C2%85b",
    "..;/admin",
    ".%3Bx/admin",
    "%252e%252e/admin",
    "a%252Fb",
    "notes//a",
    "%zz",
    "%FF",
  ])("passes no path such as %s on, which an API could read as another", async (path) => {
    const { cookie } = await signedIn(auth);
    expect((await plain(`/api/backend/${path}`, cookie)).status).toBe(404);
    expect(api.received).toEqual([]);
  });

  test("follows a redirect of the API to the slash at the end", async () => {
    const { cookie } = await signedIn(auth);
    api.answers(({ url }, response) => {
      if (url.endsWith("/")) response.end("[]");
      else response.writeHead(307, { location: `${api.url}${url}/` }).end();
    });
    const led = (await plain("/api/backend/tags/m%C3%BCnchen", cookie)).headers.get("location") ?? "";
    expect(led).toBe("/api/backend/tags/m%C3%BCnchen/");
    expect(await (await plain(led, cookie)).text()).toBe("[]");
  });

  test.each([
    ["/v1/notes/", "/api/backend/notes/"],
    ["{api}/v1/notes/?a=1", "/api/backend/notes/?a=1"],
    ["{api}/v2/notes", "{api}/v2/notes"],
    ["https://elsewhere.example/v1/notes", "https://elsewhere.example/v1/notes"],
  ])("leads from %s to %s", async (told, led) => {
    const { cookie } = await signedIn(auth);
    api.answers((_, response) => response.writeHead(307, { location: told.replace("{api}", api.url) }).end());
    const answer = await plain("/api/backend/notes", cookie);
    expect(answer.headers.get("location")).toBe(led.replace("{api}", api.url));
  });
});

test("a revoked token is renewed in the same request while its session lives, and not after it", async () => {
  const { cookie, accessToken, session, user } = await signedIn(auth);
  api.answers(({ headers }, response) =>
    headers.authorization === `Bearer ${accessToken}`
      ? refuse(response, 401, "token_revoked")
      : response.end("{}"),
  );
  const both = `${cookie}; ${holding(cookie, accessToken)}`;
  const renewed = await plain("/api/backend/notes", both);
  expect(renewed.status).toBe(200);
  expect(renewed.headers.getSetCookie().join()).toContain(`access_token=${bearers()[1]}`);
  await own.pool.query("DELETE FROM session WHERE id = $1", [session.id]);
  expect(await isRevoked(auth, accessToken)).toBe(true);
  const over = await plain("/api/backend/notes", both);
  expect([over.status, (await over.json()).code]).toEqual([401, "session_ended"]);
  expect(user.id).toBe(decodeJwt(accessToken).sub);
});

test("a token that has expired is not sent, not even to an API that knows no codes", async () => {
  const { cookie, claims } = await signedIn(auth);
  const { token } = await mintingWith({ iat: claims.iat - 31 * 86_400 }, () =>
    auth.api.getToken({ headers: new Headers({ cookie }) }),
  );
  expect(decodeJwt(token).exp).toBeLessThan(Date.now() / 1000);
  const answer = await plain("/api/backend/notes", `${cookie}; ${holding(cookie, token)}`);
  expect(answer.status).toBe(200);
  expect(bearers()).not.toContain(token);
  expect(answer.headers.getSetCookie().join()).toContain(`access_token=${bearers()[0]}`);
});

test.each(["null", "7", '"token_expired"', "[]", '{"code":7}', "not JSON", ""])(
  "a 401 of the API with the body %s is passed on as it is",
  async (body) => {
    const { cookie, accessToken } = await signedIn(auth);
    api.answers((_, response) => response.writeHead(401).end(body));
    const answer = await plain("/api/backend/notes", `${cookie}; ${holding(cookie, accessToken)}`);
    expect([answer.status, await answer.text()]).toEqual([401, body]);
    expect(api.received).toHaveLength(1);
  },
);

test("an outage of the database is a 503, never the end of the session", async () => {
  const { cookie } = await signedIn(auth);
  const query = vi.spyOn(own.pool, "connect").mockImplementation(() => {
    throw new Error("connection refused");
  });
  const answer = await plain("/api/backend/notes", cookie);
  query.mockRestore();
  expect([answer.status, (await answer.json()).code]).toEqual([503, "identity_provider_unavailable"]);
  expect((await plain("/api/backend/notes", cookie)).status).toBe(200);
});

test.each([
  [{ origin: "https://elsewhere.example" }, 403],
  [{ origin: ORIGIN }, 200],
])("a change that comes from %o is answered with %i", async (headers, status) => {
  const { cookie } = await signedIn(auth);
  const answer = await plain("/api/backend/notes", cookie, { method: "POST", body: "{}", headers });
  expect(answer.status).toBe(status);
});

describe("a change may come from", () => {
  const byRequest = (...origins: string[]) => ({
    trustedOrigins: async (asked?: Request) => (asked ? [...origins, new URL(asked.url).origin, null] : []),
  });
  const wildcard = "https://*.example.com";

  test.each([
    ["an origin of a listed pattern", { trustedOrigins: [wildcard] }, "https://app.example.com", 200],
    ["one of a pattern that is told by the request", byRequest(wildcard), "https://app.example.com", 200],
    ["no other", byRequest(wildcard), "https://app.example.com.evil.example", 403],
    ["the origin that is told by the request", byRequest(), "https://here.example", 200],
    ["the origin that was asked, without a base URL", { baseURL: undefined }, "https://here.example", 200],
    ["no other without a base URL", { baseURL: undefined }, "https://there.example", 403],
    ["not the origin that was asked, with one", {}, "https://here.example", 403],
  ])("%s", async (_, options, origin, status) => {
    vi.stubEnv("BETTER_AUTH_URL", undefined);
    const { cookie } = await signedIn(auth);
    const asked = new Request("https://here.example/api/backend/notes", {
      method: "POST",
      body: "{}",
      headers: { cookie, origin },
    });
    expect((await backendForFrontend(application(options), { api: api.url })(asked)).status).toBe(status);
  });
});

test("a call that is meant for another user is refused", async () => {
  const { cookie } = await signedIn(auth);
  const headers = { "x-expected-subject": (await signedIn(auth)).user.id };
  const answer = await plain("/api/backend/notes", cookie, { headers });
  expect([answer.status, (await answer.json()).code]).toEqual([409, "wrong_subject"]);
  expect(api.received).toEqual([]);
});

describe("an answer that the API calls cacheable", () => {
  const cacheable = (cacheControl: string) =>
    api.answers((_, response) =>
      response.writeHead(200, { "cache-control": cacheControl, etag: '"7"' }).end("{}"),
    );

  test.each([
    ["public, max-age=600", "private, max-age=600"],
    ["max-age=60", "private, max-age=60"],
    ["s-maxage=600, Public, proxy-revalidate, no-cache", "private, no-cache"],
    ['private="x-request-id, etag", max-age=60', "private, max-age=60"],
    ["private, no-cache", "private, no-cache"],
    ["public, no-store", "no-store"],
    ["", "no-store"],
  ])("is for the browser alone: %s becomes %s", async (told, given) => {
    const { cookie, accessToken } = await signedIn(auth);
    cacheable(told);
    const answer = await plain("/api/backend/notes", `${cookie}; ${holding(cookie, accessToken)}`);
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect([answer.headers.get("cache-control"), answer.headers.get("etag")]).toEqual([given, '"7"']);
  });

  test("is stored nowhere when it brings the access token", async () => {
    const { cookie } = await signedIn(auth);
    cacheable("public, max-age=600");
    const answer = await plain("/api/backend/notes", cookie);
    expect(answer.headers.getSetCookie().join()).toContain("access_token=ey");
    expect(answer.headers.get("cache-control")).toBe("no-store");
  });

  test("and unchanged is a 304 all the same", async () => {
    const { cookie, accessToken } = await signedIn(auth);
    api.answers(({ headers }, response) =>
      response.writeHead(headers["if-none-match"] === '"7"' ? 304 : 200, { etag: '"7"' }).end(),
    );
    const headers = { "if-none-match": '"7"' };
    for (const cookies of [cookie, `${cookie}; ${holding(cookie, accessToken)}`]) {
      const answer = await plain("/api/backend/notes", cookies, { headers });
      expect([answer.status, answer.headers.get("etag")]).toEqual([304, '"7"']);
    }
  });
});

describe("a session that is used through the backend-for-frontend alone", () => {
  const DAY = 86_400_000;
  const [updateAge, expiresIn] = [DAY, 7 * DAY];
  const signedInAt = async (start: number) => {
    vi.useFakeTimers({ toFake: ["Date"], now: start });
    const { cookie, accessToken, session } = await signedIn(auth);
    return { jar: new Map(cookiePairs(`${cookie}; ${holding(cookie, accessToken)}`)), session };
  };
  const send = async (jar: Map<string, string>, proxied = plain) => {
    const answer = await proxied("/api/backend/notes", [...jar].map((pair) => pair.join("=")).join("; "));
    for (const one of answer.headers.getSetCookie()) {
      for (const [name, value] of cookiePairs(one.split(";", 1)[0] ?? "")) jar.set(name, value);
    }
    return answer;
  };
  const endOf = async (id: string) =>
    (await own.pool.query(`SELECT "expiresAt" AS at FROM session WHERE id = $1`, [id])).rows[0].at.getTime();
  const start = Date.now();
  afterEach(() => void vi.useRealTimers());

  test("lasts as long as it is used", async () => {
    const { jar, session } = await signedInAt(start);
    for (let day = 2; day <= 20; day += 2) {
      vi.setSystemTime(start + day * DAY);
      const answer = await send(jar);
      expect([answer.status, answer.headers.get("cache-control")]).toEqual([200, "no-store"]);
      expect(answer.headers.getSetCookie().join()).toMatch(/session_token=.*access_token=ey/);
      expect(await endOf(session.id)).toBe(start + day * DAY + expiresIn);
    }
  });

  test("is not looked up before it can be extended", async () => {
    const { jar } = await signedInAt(start);
    vi.setSystemTime(start + updateAge - 1_000);
    const query = vi.spyOn(own.pool, "connect");
    expect((await send(jar)).headers.getSetCookie()).toEqual([]);
    expect(query).not.toHaveBeenCalled();
  });

  test.each([
    ["that the browser forgets when it is closed", { "better-auth.dont_remember": "x" }, {}],
    ["that is never extended", {}, { disableSessionRefresh: true }],
    ["that only a POST extends", {}, { deferSessionRefresh: true }],
  ])("and %s is not looked up", async (_, cookies, session) => {
    const { jar } = await signedInAt(start);
    for (const pair of Object.entries(cookies)) jar.set(...pair);
    vi.setSystemTime(start + 2 * updateAge);
    const fixed = application({ session });
    const answer = await send(jar, (path, cookie) =>
      backendForFrontend(fixed, { api: api.url })(request(path, cookie)),
    );
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([200, []]);
  });

  test("is not extended for a caller that can't set cookies", async () => {
    const { jar, session } = await signedInAt(start);
    vi.setSystemTime(start + 2 * updateAge);
    const proxy = createApiProxy(auth, { api: api.url });
    const answer = await send(jar, (path, cookie) =>
      proxy(request(path, cookie), ["notes"], { mint: false }),
    );
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([200, []]);
    expect(await endOf(session.id)).toBe(start + expiresIn);
  });

  test("does not depend on the database while the held token is good", async () => {
    const { jar } = await signedInAt(start);
    vi.setSystemTime(start + 2 * updateAge);
    const connect = vi.spyOn(own.pool, "connect").mockImplementation(() => {
      throw new Error("connection refused");
    });
    const answer = await send(jar);
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([200, []]);
    expect(connect).toHaveBeenCalled();
    connect.mockRestore();
    expect((await send(jar)).headers.getSetCookie().join()).toContain("access_token=ey");
  });
});

describe("with several hosts", () => {
  const several = () =>
    application({
      baseURL: { allowedHosts: ["a.example", "*.b.example"], protocol: "https" },
      advanced: { trustedProxyHeaders: true, useSecureCookies: false },
    });
  const at = (url: string, headers: Record<string, string>) => new Request(url, { headers });

  test.each([
    ["https://a.example", {}, 200],
    ["http://127.0.0.1:3000", { host: "x.b.example" }, 200],
    ["http://127.0.0.1:3000", { "x-forwarded-host": "a.example", "x-forwarded-proto": "https" }, 200],
    ["https://elsewhere.example", {}, 503],
  ])("a call at %s with %o is answered with %i", async (origin, headers, status) => {
    const { cookie } = await signedIn(auth);
    const proxied = backendForFrontend(several(), { api: api.url });
    const answer = await proxied(at(`${origin}/api/backend/notes`, { ...headers, cookie }));
    expect(answer.status).toBe(status);
  });

  test("the key set is read at each that is allowed, also while another was asked in vain", async () => {
    const auths = several();
    const keySet = keySetHandler(() => auths);
    const [elsewhere, here] = await Promise.allSettled([
      keySet(at("https://elsewhere.example/api/auth/jwks", {})),
      keySet(at("https://a.example/api/auth/jwks", {})),
    ]);
    expect(elsewhere.status).toBe("rejected");
    const answer = here.status === "fulfilled" ? here.value : undefined;
    expect([answer?.status, (await answer?.json())?.keys.length]).toEqual([200, 1]);
  });
});
