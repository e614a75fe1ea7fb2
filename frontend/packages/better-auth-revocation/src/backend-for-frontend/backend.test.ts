import { decodeJwt } from "jose";
import { describe, expect, test, vi } from "vitest";
import { ORIGIN } from "../../test/applications.ts";
import { holding, ownBackend, request } from "../../test/backend.ts";
import { backendForFrontend as nextRoutes } from "../next.ts";
import { backendForFrontend, keySetHandler } from "../server.ts";
import { signedIn } from "../testing.ts";

const stage = ownBackend();

describe("a Next.js route", () => {
  test("gives the browser's call a token, and the browser its cookie, which the next call is made with", async () => {
    const { GET, POST } = nextRoutes(stage.auth, { api: stage.api.url });
    const { session, cookie } = await signedIn(stage.auth);
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
    expect(stage.api.received.map(({ method, url }) => `${method} ${url}`)).toEqual([
      "GET /notes/n-1?x=1",
      "POST /notes/n-1",
    ]);
    const [token = "", same] = stage.bearers();
    expect(decodeJwt(token)["sid"]).toBe(session.id);
    expect(same).toBe(token);
  });

  test("without the API's address fails while it is loaded, except in the build", () => {
    expect(() => nextRoutes(stage.auth, { api: undefined })).toThrow("`api` is missing");
    vi.stubEnv("NEXT_PHASE", "phase-production-build");
    expect(Object.keys(nextRoutes(stage.auth, { api: undefined }))).toEqual([
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
    const { cookie } = await signedIn(stage.auth);
    const headers = {
      "x-forwarded-for": "198.51.100.7",
      "fly-client-ip": "203.0.113.9",
      "x-request-id": "req-1",
    };
    expect((await stage.send("/api/backend/%zz", cookie)).status).toBe(404);
    expect((await stage.send("/elsewhere", cookie)).status).toBe(404);
    expect((await stage.send("/api/backend/notes/7", cookie, { headers })).status).toBe(200);
    expect(stage.api.received).toMatchObject([
      { url: "/v1/notes/7", headers: { "x-forwarded-for": "203.0.113.9", "x-request-id": "req-1" } },
    ]);
    expect(stage.api.received[0]?.headers).not.toHaveProperty("cookie");
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
    const { cookie } = await signedIn(stage.auth);
    expect((await stage.send(`/api/backend/${path}`, cookie)).status).toBe(200);
    expect(stage.api.received.map(({ url }) => url)).toEqual([`/v1/${path}`]);
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
    const { cookie } = await signedIn(stage.auth);
    expect((await stage.send(`/api/backend/${path}`, cookie)).status).toBe(404);
    expect(stage.api.received).toEqual([]);
  });

  test("follows a redirect of the API to the slash at the end", async () => {
    const { cookie } = await signedIn(stage.auth);
    stage.api.answers(({ url }, response) => {
      if (url.endsWith("/")) response.end("[]");
      else response.writeHead(307, { location: `${stage.api.url}${url}/` }).end();
    });
    const led = (await stage.send("/api/backend/tags/m%C3%BCnchen", cookie)).headers.get("location") ?? "";
    expect(led).toBe("/api/backend/tags/m%C3%BCnchen/");
    expect(await (await stage.send(led, cookie)).text()).toBe("[]");
  });

  test.each([
    ["/v1/notes/", "/api/backend/notes/"],
    ["{api}/v1/notes/?a=1", "/api/backend/notes/?a=1"],
    ["{api}/v2/notes", "{api}/v2/notes"],
    ["https://elsewhere.example/v1/notes", "https://elsewhere.example/v1/notes"],
  ])("leads from %s to %s", async (told, led) => {
    const { cookie } = await signedIn(stage.auth);
    stage.api.answers((_, response) =>
      response.writeHead(307, { location: told.replace("{api}", stage.api.url) }).end(),
    );
    const answer = await stage.send("/api/backend/notes", cookie);
    expect(answer.headers.get("location")).toBe(led.replace("{api}", stage.api.url));
  });
});

test.each([
  [{ origin: "https://elsewhere.example" }, 403],
  [{ origin: ORIGIN }, 200],
])("a change that comes from %o is answered with %i", async (headers, status) => {
  const { cookie } = await signedIn(stage.auth);
  const answer = await stage.send("/api/backend/notes", cookie, { method: "POST", body: "{}", headers });
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
    const { cookie } = await signedIn(stage.auth);
    const asked = new Request("https://here.example/api/backend/notes", {
      method: "POST",
      body: "{}",
      headers: { cookie, origin },
    });
    expect((await backendForFrontend(stage.application(options), { api: stage.api.url })(asked)).status).toBe(
      status,
    );
  });
});

test("a call that is meant for another user is refused", async () => {
  const { cookie } = await signedIn(stage.auth);
  const headers = { "x-expected-subject": (await signedIn(stage.auth)).user.id };
  const answer = await stage.send("/api/backend/notes", cookie, { headers });
  expect([answer.status, (await answer.json()).code]).toEqual([409, "wrong_subject"]);
  expect(stage.api.received).toEqual([]);
});

describe("an answer that the API calls cacheable", () => {
  const cacheable = (cacheControl: string) =>
    stage.api.answers((_, response) =>
      response.writeHead(200, { "cache-control": cacheControl, etag: '"7"', vary: "Accept" }).end("{}"),
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
    const { cookie, accessToken } = await signedIn(stage.auth);
    cacheable(told);
    const answer = await stage.send("/api/backend/notes", holding(cookie, accessToken));
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect([answer.headers.get("cache-control"), answer.headers.get("etag")]).toEqual([given, '"7"']);
    expect(answer.headers.get("vary")).toBe("Accept, Cookie");
  });

  test("is stored nowhere when it brings the access token", async () => {
    const { cookie } = await signedIn(stage.auth);
    cacheable("public, max-age=600");
    const answer = await stage.send("/api/backend/notes", cookie);
    expect(answer.headers.getSetCookie().join()).toContain("access_token=ey");
    expect(answer.headers.get("cache-control")).toBe("no-store");
  });

  test("and unchanged is a 304 all the same", async () => {
    const { cookie, accessToken } = await signedIn(stage.auth);
    stage.api.answers(({ headers }, response) =>
      response.writeHead(headers["if-none-match"] === '"7"' ? 304 : 200, { etag: '"7"' }).end(),
    );
    const headers = { "if-none-match": '"7"' };
    for (const cookies of [cookie, holding(cookie, accessToken)]) {
      const answer = await stage.send("/api/backend/notes", cookies, { headers });
      expect([answer.status, answer.headers.get("etag")]).toEqual([304, '"7"']);
    }
  });
});

describe("with several hosts", () => {
  const several = () =>
    stage.application({
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
    const { cookie } = await signedIn(stage.auth);
    const proxied = backendForFrontend(several(), { api: stage.api.url });
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
