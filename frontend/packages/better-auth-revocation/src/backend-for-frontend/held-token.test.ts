import { decodeJwt } from "jose";
import { afterEach, describe, expect, test, vi } from "vitest";
import { holding, ownBackend, request } from "../../test/backend.ts";
import { mintingWith } from "../composition.ts";
import { backendForFrontend, cookiePairs, createApiProxy } from "../server.ts";
import { isRevoked, refuse, signedIn } from "../testing.ts";

const stage = ownBackend();

test("a revoked token is renewed in the same request while its session lives, and not after it", async () => {
  const { cookie, accessToken, session, user } = await signedIn(stage.auth);
  stage.api.answers(({ headers }, response) =>
    headers.authorization === `Bearer ${accessToken}`
      ? refuse(response, 401, "token_revoked")
      : response.end("{}"),
  );
  const both = holding(cookie, accessToken);
  const renewed = await stage.send("/api/backend/notes", both);
  expect(renewed.status).toBe(200);
  expect(renewed.headers.getSetCookie().join()).toContain(`access_token=${stage.bearers()[1]}`);
  await stage.own.pool.query("DELETE FROM session WHERE id = $1", [session.id]);
  expect(await isRevoked(stage.auth, accessToken)).toBe(true);
  const over = await stage.send("/api/backend/notes", both);
  expect([over.status, (await over.json()).code]).toEqual([401, "session_ended"]);
  expect(user.id).toBe(decodeJwt(accessToken).sub);
});

test("a token that has expired is not sent, not even to an API that knows no codes", async () => {
  const { cookie, claims } = await signedIn(stage.auth);
  const { token } = await mintingWith({ iat: claims.iat - 31 * 86_400 }, () =>
    stage.auth.api.getToken({ headers: new Headers({ cookie }) }),
  );
  expect(decodeJwt(token).exp).toBeLessThan(Date.now() / 1000);
  const answer = await stage.send("/api/backend/notes", holding(cookie, token));
  expect(answer.status).toBe(200);
  expect(stage.bearers()).not.toContain(token);
  expect(answer.headers.getSetCookie().join()).toContain(`access_token=${stage.bearers()[0]}`);
});

test.each(["garbage", "a.b.c", "", `x.${Buffer.from("7").toString("base64url")}.y`])(
  "the made-up token %j is none: without a session it is a 401, with one it is replaced",
  async (token) => {
    const stranger = await stage.send(
      "/api/backend/notes",
      holding("better-auth.session_token=made-up.signature", token),
    );
    expect([stranger.status, (await stranger.json()).code]).toEqual([401, "session_ended"]);
    const { cookie } = await signedIn(stage.auth);
    const answer = await stage.send("/api/backend/notes", holding(cookie, token));
    expect(answer.status).toBe(200);
    expect(stage.bearers()).toHaveLength(1);
  },
);

test.each(["null", "7", '"token_expired"', "[]", '{"code":7}', "not JSON", ""])(
  "a 401 of the API with the body %s is passed on as it is",
  async (body) => {
    const { cookie, accessToken } = await signedIn(stage.auth);
    stage.api.answers((_, response) => response.writeHead(401).end(body));
    const answer = await stage.send("/api/backend/notes", holding(cookie, accessToken));
    expect([answer.status, await answer.text()]).toEqual([401, body]);
    expect(stage.api.received).toHaveLength(1);
  },
);

test("an outage of the database is a 503, never the end of the session", async () => {
  const { cookie } = await signedIn(stage.auth);
  const query = vi.spyOn(stage.own.pool, "connect").mockImplementation(() => {
    throw new Error("connection refused");
  });
  const answer = await stage.send("/api/backend/notes", cookie);
  query.mockRestore();
  expect([answer.status, (await answer.json()).code]).toEqual([503, "identity_provider_unavailable"]);
  expect((await stage.send("/api/backend/notes", cookie)).status).toBe(200);
});

describe("a session that is used through the backend-for-frontend alone", () => {
  const DAY = 86_400_000;
  const [updateAge, expiresIn] = [DAY, 7 * DAY];
  const signedInAt = async (start: number) => {
    vi.useFakeTimers({ toFake: ["Date"], now: start });
    const { cookie, accessToken, session } = await signedIn(stage.auth);
    return { jar: new Map(cookiePairs(holding(cookie, accessToken))), session };
  };
  const use = async (jar: Map<string, string>, proxied = stage.send) => {
    const answer = await proxied("/api/backend/notes", [...jar].map((pair) => pair.join("=")).join("; "));
    for (const one of answer.headers.getSetCookie()) {
      for (const [name, value] of cookiePairs(one.split(";", 1)[0] ?? "")) jar.set(name, value);
    }
    return answer;
  };
  const endOf = async (id: string) =>
    (
      await stage.own.pool.query(`SELECT "expiresAt" AS at FROM session WHERE id = $1`, [id])
    ).rows[0].at.getTime();
  const start = Date.now();
  afterEach(() => void vi.useRealTimers());

  test("lasts as long as it is used", async () => {
    const { jar, session } = await signedInAt(start);
    for (let day = 2; day <= 20; day += 2) {
      vi.setSystemTime(start + day * DAY);
      const answer = await use(jar);
      expect([answer.status, answer.headers.get("cache-control")]).toEqual([200, "no-store"]);
      expect(answer.headers.getSetCookie().join()).toMatch(/session_token=.*access_token=ey/);
      expect(await endOf(session.id)).toBe(start + day * DAY + expiresIn);
    }
  });

  test("is not looked up before it can be extended", async () => {
    const { jar } = await signedInAt(start);
    vi.setSystemTime(start + updateAge - 1_000);
    const query = vi.spyOn(stage.own.pool, "connect");
    expect((await use(jar)).headers.getSetCookie()).toEqual([]);
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
    const fixed = stage.application({ session });
    const answer = await use(jar, (path, cookie) =>
      backendForFrontend(fixed, { api: stage.api.url })(request(path, cookie)),
    );
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([200, []]);
  });

  test("is not extended for a caller that can't set cookies", async () => {
    const { jar, session } = await signedInAt(start);
    vi.setSystemTime(start + 2 * updateAge);
    const proxy = createApiProxy(stage.auth, { api: stage.api.url });
    const answer = await use(jar, (path, cookie) => proxy(request(path, cookie), ["notes"], { mint: false }));
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([200, []]);
    expect(await endOf(session.id)).toBe(start + expiresIn);
  });

  test("does not depend on the database while the held token is good", async () => {
    const { jar } = await signedInAt(start);
    vi.setSystemTime(start + 2 * updateAge);
    const connect = vi.spyOn(stage.own.pool, "connect").mockImplementation(() => {
      throw new Error("connection refused");
    });
    const answer = await use(jar);
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([200, []]);
    expect(connect).toHaveBeenCalled();
    connect.mockRestore();
    expect((await use(jar)).headers.getSetCookie().join()).toContain("access_token=ey");
  });
});
