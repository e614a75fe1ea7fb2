import { createLocalJWKSet, jwtVerify } from "jose";
import { describe, expect, test } from "vitest";
import { database } from "#server/database.ts";
import { startSession } from "#server/identity/credentials.ts";
import { queryRow, testDatabase } from "../../../test/database.ts";
import {
  clientRequest,
  cookieOf,
  freshEmail,
  get,
  makeAdmin,
  ORIGIN,
  PASSWORD,
  post,
  signIn,
  signUp,
} from "../../../test/people.ts";

const stage = testDatabase();

const ask = (form: "sign-up" | "sign-in", body: unknown, headers: Record<string, string> = {}) =>
  startSession(form, clientRequest(`/api/auth/${form}`, { body, headers }));

const codesOf = async (answer: Response) => {
  const { code, errors = [] } = await answer.json();
  return [
    answer.status,
    code,
    errors.map((error: { field: string; code: string }) => `${error.field}:${error.code}`),
  ];
};

describe("who signs up", () => {
  test("gets a 30-day token, a session, and nothing else", async () => {
    const email = freshEmail();
    const answer = await ask("sign-up", { name: " Ada ", email, password: PASSWORD });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    const body = await answer.json();
    expect(body).toEqual({
      user: { id: expect.any(String), email, name: "Ada" },
      access_token: expect.any(String),
      token_type: "Bearer",
      expires_in: 30 * 86_400,
    });
    const [session] = answer.headers.getSetCookie();
    expect(session).toMatch(/session_token=.*HttpOnly.*SameSite=Lax/i);
  });

  test("holds a token that the published keys verify", async () => {
    const { accessToken, id, email } = await signUp();
    const keys = createLocalJWKSet(await (await get("/jwks")).json());
    const { payload, protectedHeader } = await jwtVerify(accessToken, keys, {
      issuer: "http://localhost:3000",
      audience: "http://localhost:8000",
    });
    expect(protectedHeader.alg).toBe("EdDSA");
    expect(payload).toMatchObject({
      sub: id,
      email,
      ver: 0,
      roles: ["user"],
      scope: "notes:read notes:write",
    });
    const session = await queryRow<{ userId: string }>('SELECT "userId" FROM auth.session WHERE id = $1', [
      payload["sid"],
    ]);
    expect(session.userId).toBe(id);
  });

  test("can't make himself an administrator, or choose his token version", async () => {
    const { claims } = await signUp();
    const body = {
      name: "Eve",
      email: freshEmail(),
      password: PASSWORD,
      role: "admin",
      tokenVersion: 9,
      banned: false,
    };
    await post("/sign-up/email", undefined, body);
    expect(await queryRow(`SELECT count(*)::int AS n FROM auth."user" WHERE role = 'admin'`)).toEqual({
      n: 0,
    });
    expect(await queryRow("SELECT count(*)::int AS n FROM auth.revocation_version")).toEqual({ n: 0 });
    expect(claims.roles).toEqual(["user"]);
  });

  test("with a taken address is told so, whatever its case", async () => {
    const { email } = await signUp();
    const answer = await ask("sign-up", { name: "Eve", email: email.toUpperCase(), password: PASSWORD });
    expect(await codesOf(answer)).toEqual([422, "email_taken", []]);
  });

  test("at the same moment as nine others with one address: one account, nine clear refusals", async () => {
    const email = freshEmail();
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => ask("sign-up", { name: "Ada", email, password: PASSWORD })),
    );
    const codes = await Promise.all(
      answers.map(async (answer) => (answer.ok ? "in" : (await answer.json()).code)),
    );
    expect(codes.sort()).toEqual([...Array(9).fill("email_taken"), "in"]);
    expect(await queryRow('SELECT count(*)::int AS n FROM auth."user" WHERE email = $1', [email])).toEqual({
      n: 1,
    });
  });
});

describe("each fault of the input is named", () => {
  const good = { name: "Ada", email: "ada@example.com", password: PASSWORD };

  test.each([
    [
      "a weak password",
      { ...good, password: "abc" },
      [422, "password_policy", ["password:min_length", "password:uppercase", "password:number"]],
    ],
    ["no password", { ...good, password: undefined }, [422, "validation_failed", ["password:invalid_type"]]],
    ["an empty name", { ...good, name: "  " }, [422, "validation_failed", ["name:too_small"]]],
    ["a long name", { ...good, name: "x".repeat(201) }, [422, "validation_failed", ["name:too_big"]]],
    ["NUL in the name", { ...good, name: "A\0" }, [422, "validation_failed", ["name:invalid_format"]]],
    [
      "NUL in the password",
      { ...good, password: "Abcdefg1\0" },
      [422, "validation_failed", ["password:nul"]],
    ],
    ["a bad address", { ...good, email: "ada" }, [422, "validation_failed", ["email:invalid_format"]]],
    [
      "nothing",
      {},
      [422, "validation_failed", ["name:invalid_type", "email:invalid_type", "password:invalid_type"]],
    ],
    ["broken JSON", '{"name":', [400, "malformed_json", []]],
    ["a list", "[]", [400, "malformed_json", []]],
    ["bytes that are no UTF-8", '"\ud800"', [400, "malformed_json", []]],
    ["too much", { ...good, name: "x".repeat(70_000) }, [413, "payload_too_large", []]],
  ])("%s", async (_, body, expected) => {
    expect(await codesOf(await ask("sign-up", body))).toEqual(expected);
  });

  test("another media type", async () => {
    const answer = await ask("sign-up", good, { "content-type": "text/plain" });
    expect(await codesOf(answer)).toEqual([415, "unsupported_media_type", []]);
  });

  test("a body that breaks off", async () => {
    const body = new ReadableStream({ start: (controller) => controller.error(new Error("gone")) });
    const init = { method: "POST", body, duplex: "half" } as RequestInit;
    const answer = await startSession("sign-up", new Request("http://localhost:3000/api/auth/sign-up", init));
    expect(await codesOf(answer)).toEqual([400, "bad_request", []]);
  });
});

describe("who signs in", () => {
  test("with the right password gets a token of a session of its own", async () => {
    const first = await signUp();
    const second = await signIn(first.email.toUpperCase());
    expect(second.id).toBe(first.id);
    expect(second.claims.sid).not.toBe(first.claims.sid);
  });

  test.each([
    ["a wrong password", (email: string) => ({ email, password: "Wrong-horse-7" })],
    ["an unknown address", () => ({ email: freshEmail(), password: PASSWORD })],
  ])("with %s is refused in the same words", async (_, credentials) => {
    const { email } = await signUp();
    const answer = await ask("sign-in", credentials(email));
    expect(await codesOf(answer)).toEqual([401, "invalid_credentials", []]);
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  test("without being remembered gets a token that ends with the short session", async () => {
    const { email } = await signUp();
    const answer = await ask("sign-in", { email, password: PASSWORD, rememberMe: false });
    const { expires_in: seconds } = await answer.json();
    expect(seconds).toBeLessThanOrEqual(86_400);
    expect(seconds).toBeGreaterThan(86_300);
  });

  test("in a browser that still has the cookie of a dead session gets a new one", async () => {
    const { email, cookie, claims } = await signUp();
    await database().query("DELETE FROM auth.session WHERE id = $1", [claims.sid]);
    const answer = await ask("sign-in", { email, password: PASSWORD }, { cookie, origin: ORIGIN });
    expect(answer.status).toBe(200);
    const session = await get("/get-session", { cookie: cookieOf(answer) });
    expect((await session.json()).user.email).toBe(email);
  });

  test("while banned is told so", async () => {
    const { email, id } = await signUp();
    await database().query(`UPDATE auth."user" SET banned = true WHERE id = $1`, [id]);
    expect(await codesOf(await ask("sign-in", { email, password: PASSWORD }))).toEqual([
      403,
      "account_banned",
      [],
    ]);
  });

  test("from another site's page is refused", async () => {
    const { email, cookie } = await signUp();
    const headers = { cookie, origin: "https://evil.example" };
    const answer = await ask("sign-in", { email, password: PASSWORD }, headers);
    expect(await codesOf(answer)).toEqual([403, "origin_not_allowed", []]);
  });
});

describe("a ban written straight to the database", () => {
  test("ends every session, and opens none until it is lifted", async () => {
    const person = await signUp();
    const ban = (banned: boolean) =>
      database().query(`UPDATE auth."user" SET banned = $2 WHERE id = $1`, [person.id, banned]);
    await ban(true);
    expect(await codesOf(await get("/token", person))).toEqual([401, "session_ended", []]);
    expect(await (await get("/get-session", person)).json()).toBeNull();
    const { email } = person;
    expect(await codesOf(await ask("sign-in", { email, password: PASSWORD }))).toEqual([
      403,
      "account_banned",
      [],
    ]);
    await ban(false);
    expect((await get("/token", person)).status).toBe(401);
    await expect(signIn(email)).resolves.toBeDefined();
  });

  test("of an administrator leaves him nothing to lift it with", async () => {
    const admin = await signUp();
    await makeAdmin(admin);
    await database().query(`UPDATE auth."user" SET banned = true WHERE id = $1`, [admin.id]);
    expect((await get("/admin/list-users", admin)).status).toBe(401);
    expect((await post("/admin/unban-user", admin, { userId: admin.id })).status).toBe(401);
  });

  test("that has run out mints again", async () => {
    const person = await signUp();
    await database().query(
      `UPDATE auth."user" SET banned = true, "banExpires" = now() - interval '1 second' WHERE id = $1`,
      [person.id],
    );
    expect((await get("/token", person)).status).toBe(200);
  });
});

test("without a key to sign with nobody is signed up, and the answer says so", async () => {
  const email = freshEmail();
  await database().query("ALTER TABLE auth.jwks RENAME TO jwks_away");
  const answer = await ask("sign-up", { name: "Ada", email, password: PASSWORD });
  await database().query("ALTER TABLE auth.jwks_away RENAME TO jwks");
  expect(await codesOf(answer)).toEqual([503, "identity_provider_unavailable", []]);
  await expect(signUp(email)).resolves.toBeDefined();
});

describe("while the database is away", () => {
  const outage = [503, "identity_provider_unavailable", []];

  test("nothing is a 500 and nobody is told that they are signed out", async () => {
    const person = await signUp();
    const bodies = await stage.unreachableWhile(async () => [
      await ask("sign-up", { name: "Ada", email: freshEmail(), password: PASSWORD }),
      await ask("sign-in", { email: person.email, password: PASSWORD }),
      await get("/token", person),
      await get("/get-session", person),
      await get("/account/sessions", person),
      await post("/sign-out", person),
    ]);
    for (const answer of bodies) {
      expect(answer.headers.get("retry-after")).toBe("5");
      expect(answer.headers.getSetCookie()).toEqual([]);
      expect(await codesOf(answer)).toEqual(outage);
    }
    expect((await get("/token", person)).status).toBe(200);
  });
});
