import { mintingFor } from "better-auth-revocation/server";
import { decodeJwt } from "jose";
import { describe, expect, test } from "vitest";
import { database } from "#server/database.ts";
import { startSession } from "#server/identity/credentials.ts";
import { handleAuthRequest } from "#server/identity/handler.ts";
import { auth } from "#server/identity/server.ts";
import { queryRow, testDatabase } from "../../../test/database.ts";
import {
  browserCookies,
  clientRequest,
  cookieOf,
  freshEmail,
  get,
  makeAdmin,
  ORIGIN,
  PASSWORD,
  pageRequest,
  post,
  signUp,
} from "../../../test/people.ts";

testDatabase();

const JWT = /eyJ[\w-]+\.[\w-]+\.[\w-]+/;

const credentials = async () => ({ email: (await signUp()).email, password: PASSWORD });

/** What a script of a page gets to see of an answer: its body and all headers but cookies. */
async function visible(answer: Response): Promise<string> {
  const headers = [...answer.headers].filter(([name]) => name !== "set-cookie");
  return `${JSON.stringify(headers)}\n${await answer.text()}`;
}

/** The browser's session of somebody new, by the form of a page. */
async function browserSession() {
  const body = { name: "Ada", email: freshEmail(), password: PASSWORD };
  const answer = await startSession(
    "sign-up",
    pageRequest("/api/session/sign-up", { method: "POST", body }),
    "browser",
  );
  return { ...body, cookie: cookieOf(answer) };
}

describe("a script in a page gets no token", () => {
  test.each<[string, Record<string, string>]>([
    ["with Origin", { origin: ORIGIN }],
    ["with a trusted site's Origin and fetch metadata", { origin: ORIGIN, "sec-fetch-site": "same-origin" }],
  ])("by signing in at the address for clients %s", async (_, headers) => {
    for (const form of ["sign-in", "sign-up"] as const) {
      const body =
        form === "sign-in" ? await credentials() : { name: "A", email: freshEmail(), password: PASSWORD };
      const request = pageRequest(`/api/auth/${form}`, { method: "POST", body, headers });
      const answer = await startSession(form, request);
      expect(answer.status).toBe(200);
      const cookie = cookieOf(answer);
      expect(await visible(answer)).not.toMatch(JWT);
      expect(cookie).toMatch(JWT);
      expect((await get("/token", { cookie })).status).toBe(403);
    }
  });

  test.each(["/sign-in/email", "/sign-up/email"])("by Better Auth's own %s", async (path) => {
    const body =
      path === "/sign-in/email"
        ? await credentials()
        : { name: "A", email: freshEmail(), password: PASSWORD };
    const answer = await handleAuthRequest(pageRequest(`/api/auth${path}`, { method: "POST", body }));
    expect(answer.status).toBe(200);
    const cookie = cookieOf(answer);
    expect(await visible(answer)).not.toMatch(JWT);
    expect((await get("/token", { cookie })).status).toBe(403);
  });

  test("by any GET with the cookies of the one who is signed in", async () => {
    const { cookie } = await browserSession();
    for (const path of [
      "/token",
      "/get-session",
      "/list-sessions",
      "/account/sessions",
      "/account/activity",
    ]) {
      for (const headers of [{}, { accept: "*/*", "sec-fetch-site": "same-origin" }]) {
        expect(
          await visible(await handleAuthRequest(pageRequest(`/api/auth${path}`, { cookie, headers }))),
        ).not.toMatch(JWT);
      }
    }
    const refused = await get("/token", { cookie });
    expect([refused.status, (await refused.json()).code]).toEqual([403, "token_not_for_browsers"]);
  });

  test("by any session that is opened from one: signing in again, a new password, acting as somebody", async () => {
    const person = await browserSession();
    const again = await post("/sign-in/email", person, { email: person.email, password: PASSWORD });
    const change = { currentPassword: PASSWORD, newPassword: "Brand-new-horse-8", revokeOtherSessions: true };
    const changed = await post("/change-password", { cookie: cookieOf(again) }, change);
    expect([again.status, changed.status]).toEqual([200, 200]);
    for (const answer of [again, changed]) {
      const cookie = cookieOf(answer);
      expect(await visible(answer)).not.toMatch(JWT);
      expect((await get("/token", { cookie })).ok).toBe(false);
    }
    const admin = await signUp();
    await makeAdmin(admin);
    const acting = await post("/admin/impersonate-user", admin, { userId: (await signUp()).id });
    expect(acting.status).toBe(200);
    expect((await get("/token", { cookie: cookieOf(acting) })).status).toBe(403);
  });

  test("by a session from before kinds were recorded", async () => {
    const { cookie, claims } = await signUp();
    await database().query('UPDATE auth.session SET "clientKind" = NULL WHERE id = $1', [claims.sid]);
    expect((await get("/token", { cookie })).status).toBe(403);
  });

  test("by choosing the kind of its session itself", async () => {
    const body = { ...(await credentials()), clientKind: "token" };
    const answer = await handleAuthRequest(pageRequest("/api/auth/sign-in/email", { method: "POST", body }));
    expect((await get("/token", { cookie: cookieOf(answer) })).status).toBe(403);
    const { cookie } = await browserSession();
    await post("/update-session", { cookie }, { clientKind: "token" });
    expect((await get("/token", { cookie })).status).toBe(403);
  });
});

describe("a client that holds its tokens", () => {
  test("gets one when it signs in, and another for its session", async () => {
    const { email, cookie, claims } = await signUp();
    const answer = await startSession(
      "sign-in",
      clientRequest("/api/auth/sign-in", { body: { email, password: PASSWORD } }),
    );
    expect((await answer.json()).access_token).toMatch(JWT);
    const { token } = await (await get("/token", { cookie })).json();
    expect(decodeJwt(token)["sid"]).toBe(claims.sid);
    const kind = await queryRow('SELECT "clientKind" FROM auth.session WHERE id = $1', [claims.sid]);
    expect(kind).toEqual({ clientKind: "token" });
  });

  test("may be Node's own fetch, which sends Sec-Fetch-Mode and no origin", async () => {
    const headers = { "sec-fetch-mode": "cors" };
    const request = clientRequest("/api/auth/sign-in", { body: await credentials(), headers });
    expect((await (await startSession("sign-in", request)).json()).access_token).toMatch(JWT);
  });

  test("with a cookie and no origin is told what to send", async () => {
    const { cookie } = await signUp();
    const answer = await handleAuthRequest(
      clientRequest("/api/auth/sign-out", { headers: { cookie }, body: {} }),
    );
    expect([answer.status, (await answer.json()).code]).toEqual([403, "origin_missing"]);
  });
});

describe("whenever the session changes, the token of the one before goes", () => {
  const clears = (answer: Response) =>
    answer.headers.getSetCookie().some((cookie) => /^access_token=;.*Max-Age=0/.test(cookie));

  test("when somebody else signs in, signs out, or an administrator acts as a user and stops", async () => {
    const [first, second, admin] = [await signUp(), await signUp(), await signUp()];
    await makeAdmin(admin);
    const held = { cookie: browserCookies(first) };
    expect(clears(await post("/sign-in/email", held, { email: second.email, password: PASSWORD }))).toBe(
      true,
    );
    expect(clears(await post("/sign-out", held))).toBe(true);
    const acting = await post(
      "/admin/impersonate-user",
      { cookie: browserCookies(admin) },
      { userId: second.id },
    );
    expect(clears(acting)).toBe(true);
    const stopped = await post("/admin/stop-impersonating", {
      cookie: `${cookieOf(acting)}; ${browserCookies(admin).split("; ").at(-1)}`,
    });
    expect(stopped.status).toBe(200);
    expect(clears(stopped)).toBe(true);
  });

  test("and the one that an administrator acts with names both", async () => {
    const [person, admin] = [await signUp(), await signUp()];
    await makeAdmin(admin);
    const claimsOf = async (cookie: string) => {
      const headers = new Headers({ cookie });
      const { token } = await mintingFor("browser", () => auth().api.getToken({ headers }));
      return decodeJwt(token);
    };
    const acting = await post("/admin/impersonate-user", admin, { userId: person.id });
    expect(await claimsOf(cookieOf(acting))).toMatchObject({ sub: person.id, act: { sub: admin.id } });
    expect(await claimsOf(admin.cookie)).not.toHaveProperty("act");
  });

  test("but not when the same session is only looked at, or renewed", async () => {
    const person = await signUp();
    const held = { cookie: browserCookies(person) };
    expect(clears(await get("/get-session", held))).toBe(false);
    await database().query(
      `UPDATE auth.session SET "expiresAt" = "expiresAt" - interval '2 days' WHERE id = $1`,
      [person.claims.sid],
    );
    const renewed = await get("/get-session", held);
    expect(renewed.headers.getSetCookie().join()).toContain("session_token=");
    expect(clears(renewed)).toBe(false);
  });
});

test("a session that ends with the browser has a token that does", async () => {
  const open = async (rememberMe: boolean) => {
    const body = { ...(await credentials()), rememberMe };
    const request = pageRequest("/api/session/sign-in", { method: "POST", body });
    const answer = await startSession("sign-in", request, "browser");
    const named = (name: string) =>
      answer.headers.getSetCookie().find((cookie) => cookie.startsWith(name)) ?? "";
    return [named("better-auth.session_token="), named("access_token=")].map((cookie) =>
      /Max-Age/.test(cookie),
    );
  };
  expect(await open(true)).toEqual([true, true]);
  expect(await open(false)).toEqual([false, false]);
});
