import { afterEach, describe, expect, test } from "vitest";
import { env } from "#server/env.ts";
import { accessTokenCookie } from "#server/identity/cookies.ts";
import { testDatabase } from "../../../test/database.ts";
import { cookieOf, freshEmail, get, PASSWORD, pageRequest, signUp } from "../../../test/people.ts";
import { POST as signInRoute } from "../../app/api/session/sign-in/route.ts";
import { POST as signOutRoute } from "../../app/api/session/sign-out/route.ts";
import { POST as signUpRoute } from "../../app/api/session/sign-up/route.ts";

const stage = testDatabase();

const page = (path: string, body?: unknown, cookie?: string) =>
  pageRequest(path, { method: "POST", body, ...(cookie && { cookie }) });

describe("a browser", () => {
  test.each(["sign-up", "sign-in"])(
    "that comes by %s gets its token where no script can read it",
    async (form) => {
      const email = form === "sign-up" ? freshEmail() : (await signUp()).email;
      const route = form === "sign-up" ? signUpRoute : signInRoute;
      const answer = await route(page(`/api/session/${form}`, { name: "Ada", email, password: PASSWORD }));
      expect(answer.status).toBe(200);
      expect(answer.headers.get("x-request-id")).toMatch(/^[\da-f-]{36}$/);
      const text = await answer.text();
      expect(Object.keys(JSON.parse(text))).toEqual(["user"]);
      expect(text).not.toContain("eyJ");
      const cookies = answer.headers.getSetCookie();
      expect(cookies).toHaveLength(3);
      for (const cookie of cookies) expect(cookie).toMatch(/HttpOnly/i);
    },
  );

  test("that signs out has no cookie left, and no session", async () => {
    const { cookie } = await signUp();
    const answer = await signOutRoute(page("/api/session/sign-out", undefined, cookie));
    expect(answer.status).toBe(204);
    expect(cookieOf(answer)).toContain("access_token=");
    for (const cleared of answer.headers.getSetCookie()) expect(cleared).toMatch(/Max-Age=0/);
    expect((await get("/token", { cookie })).status).toBe(401);
  });

  test("that signs out twice is signed out", async () => {
    const { cookie } = await signUp();
    await signOutRoute(page("/api/session/sign-out", undefined, cookie));
    expect((await signOutRoute(page("/api/session/sign-out", undefined, cookie))).status).toBe(204);
  });

  test("is not told that it is signed out while the session lives on", async () => {
    const { cookie } = await signUp();
    const answer = await stage.unreachableWhile(() =>
      signOutRoute(page("/api/session/sign-out", undefined, cookie)),
    );
    expect(answer.status).toBe(503);
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect((await get("/token", { cookie })).status).toBe(200);
  });

  test("can't be signed out by another site's page", async () => {
    const { cookie } = await signUp();
    const request = page("/api/session/sign-out", undefined, cookie);
    request.headers.set("origin", "https://evil.example");
    expect((await signOutRoute(request)).status).toBe(403);
    expect((await get("/token", { cookie })).status).toBe(200);
  });
});

describe("the cookie", () => {
  afterEach(() => {
    env().BETTER_AUTH_URL = "http://localhost:3000";
  });

  const of = (prefix: string) =>
    new Headers({ cookie: `${prefix}better-auth.session_token=secret.signature` });

  test("is bound to the host and to https, where there is https", () => {
    env().BETTER_AUTH_URL = "https://app.example.com";
    expect(accessTokenCookie().name).toBe("__Host-access_token");
    expect(accessTokenCookie().set({ accessToken: "t", expiresIn: 60 }, of("__Host-"))).toMatch(
      /^__Host-access_token=t\.[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure; Max-Age=60$/,
    );
    expect(accessTokenCookie().clear()).toBe(
      "__Host-access_token=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0",
    );
  });

  test("is not on a development machine without", () => {
    expect(accessTokenCookie().set({ accessToken: "t", expiresIn: 60 }, of(""))).toMatch(
      /^access_token=t\.[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=60$/,
    );
  });
});
