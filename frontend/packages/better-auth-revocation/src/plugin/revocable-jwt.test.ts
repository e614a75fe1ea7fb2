import { readFile } from "node:fs/promises";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { betterAuth } from "better-auth";
import { admin, twoFactor } from "better-auth/plugins";
import { decodeJwt } from "jose";
import { beforeAll, describe, expect, test } from "vitest";
import { ORIGIN, stockOptions } from "../../test/applications.ts";
import { ownDatabase } from "../../test/database.ts";
import { Caller, install } from "../../test/installed.ts";
import { revocableJwt } from "./revocable-jwt.ts";

const own = ownDatabase();
const CREDENTIAL = "a credential of a resource server, long";
const AUDIENCE = "https://api.example.com";

/** What the tests let happen while a password is being verified. */
let whileVerifying = async () => {};

const application = () =>
  betterAuth({
    ...stockOptions,
    emailAndPassword: {
      enabled: true,
      password: {
        hash: async (text) => `hash of ${text}`,
        verify: async ({ hash, password }) => {
          await whileVerifying();
          return hash === `hash of ${password}`;
        },
      },
    },
    database: own.pool,
    plugins: [
      admin(),
      twoFactor(),
      ...revocableJwt({
        audience: AUDIENCE,
        scopes: ({ roles }) => (roles.includes("admin") ? ["notes:write", "notes:read"] : ["notes:read"]),
        feedCredentials: [CREDENTIAL],
      }),
    ],
  });

let auth: ReturnType<typeof application>;
const email = () => `${Math.random()}@example.com`;

beforeAll(async () => {
  auth = application();
  await install(auth.options, own.url);
});

const newcomer = async () => {
  const caller = new Caller(auth);
  const address = email();
  const { id } = await caller.signUp(address);
  return { caller, id, email: address };
};

const readFeed = async (
  query = "",
  headers: Record<string, string> = { authorization: `Bearer ${CREDENTIAL}` },
) => new Caller(auth).get(`/revocations${query}`, headers);
const page = async (query = "") => (await readFeed(query)).json();
const isRevoked = async (token: string) => {
  const { sid, sub, ver } = decodeJwt<{ sid: string; sub: string; ver: number }>(token);
  const { revocations } = await page();
  return revocations.some(
    (one: { sid?: string; sub?: string; min_ver: number }) =>
      one.sid === sid || (one.sub === sub && one.min_ver > ver),
  );
};
const outcome = async (answer: Response) => [answer.status, (await answer.json().catch(() => ({}))).code];

test("a token says what the contract says, and nothing else", async () => {
  const { caller, id } = await newcomer();
  const claims = decodeJwt(await caller.token());
  const schema = JSON.parse(await readFile("../shared-schema/claims.schema.json", "utf8"));
  const ajv = new Ajv2020();
  addFormats(ajv);
  const validate = ajv.compile(schema);
  expect(validate(claims) || validate.errors).toBe(true);
  expect(claims).toMatchObject({
    iss: ORIGIN,
    aud: AUDIENCE,
    sub: id,
    ver: 0,
    scope: "notes:read",
    roles: ["user"],
  });
  // The session lives for seven days, by Better Auth's default.
  expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBeLessThanOrEqual(7 * 86_400);
});

test("first tokens in parallel are signed by one key", async () => {
  const callers = await Promise.all(Array.from({ length: 20 }, newcomer));
  await Promise.all(callers.map(({ caller }) => caller.token()));
  expect((await own.pool.query("SELECT FROM jwks")).rowCount).toBe(1);
});

describe("a token is revoked", () => {
  test("by signing out, and a neighbour's is not", async () => {
    const [ada, grace] = [await newcomer(), await newcomer()];
    const [token, other] = [await ada.caller.token(), await grace.caller.token()];
    expect((await ada.caller.post("/sign-out")).status).toBe(200);
    expect([await isRevoked(token), await isRevoked(other)]).toEqual([true, false]);
  });

  test("by the token alone, for clients without cookies", async () => {
    const { caller } = await newcomer();
    const token = await caller.token();
    const answer = await new Caller(auth).post("/sign-out", {}, { authorization: `Bearer ${token}` });
    expect(answer.status).toBe(200);
    expect(await isRevoked(token)).toBe(true);
    expect((await caller.get("/token")).status).toBe(401);
  });

  test.each(["application/x-www-form-urlencoded", "application/json"])("by RFC 7009, as %s", async (type) => {
    const { caller } = await newcomer();
    const token = await caller.token();
    const body = type.endsWith("json")
      ? JSON.stringify({ token })
      : new URLSearchParams({ token }).toString();
    const revoke = () => new Caller(auth).post("/revocation/revoke", body, { "content-type": type });
    expect((await revoke()).status).toBe(200);
    expect(await isRevoked(token)).toBe(true);
    expect((await revoke()).status).toBe(200);
  });

  test("by a new password, which leaves the caller signed in and nobody else", async () => {
    const { caller, email } = await newcomer();
    const elsewhere = new Caller(auth);
    await elsewhere.signIn(email);
    const tokens = [await caller.token(), await elsewhere.token()];
    const change = { currentPassword: "Correct-horse-7", newPassword: "Another-horse-8" };
    expect((await caller.post("/change-password", change)).status).toBe(200);
    expect(await Promise.all(tokens.map(isRevoked))).toEqual([true, true]);
    expect((await elsewhere.get("/token")).status).toBe(401);
    expect(await isRevoked(await caller.token())).toBe(false);
  });

  test("by an administrator, and by nobody else", async () => {
    const [ada, boss] = [await newcomer(), await newcomer()];
    const token = await ada.caller.token();
    const revoke = () => boss.caller.post("/revocation/revoke-user", { userId: ada.id });
    expect(await outcome(await revoke())).toEqual([403, "ADMINISTRATOR_REQUIRED"]);
    expect(await isRevoked(token)).toBe(false);
    await own.pool.query(`UPDATE "user" SET role = 'admin' WHERE id = $1`, [boss.id]);
    expect((await revoke()).status).toBe(200);
    expect(await isRevoked(token)).toBe(true);
    const ofAdministrator = decodeJwt<{ scope: string; ver: number }>(await boss.caller.token());
    expect(ofAdministrator.scope).toBe("notes:read notes:write");
    expect(ofAdministrator.ver).toBeGreaterThan(0);
  });

  test("by a ban in plain SQL, which ends the session and lets no other begin", async () => {
    const { caller, id, email } = await newcomer();
    const token = await caller.token();
    await own.pool.query(`UPDATE "user" SET banned = true WHERE id = $1`, [id]);
    expect(await isRevoked(token)).toBe(true);
    expect((await caller.get("/token")).status).toBe(401);
    expect((await new Caller(auth).signIn(email)).status).toBe(403);
  });
});

describe("an instance that has just started", () => {
  const mint = async (difference: number) => {
    const change = `UPDATE better_auth_revocation.revocation_installation SET version = version + $1::integer`;
    await own.pool.query(change, [difference]);
    try {
      const caller = new Caller(application());
      await caller.signUp(`${Math.random()}@example.com`);
      const answer = await caller.get("/token");
      return [answer.status, (await answer.json()).code];
    } finally {
      await own.pool.query(change, [-difference]);
    }
  };

  test("issues tokens over a later version of the database's objects, so that it can be rolled back to", async () => {
    expect(await mint(1)).toEqual([200, undefined]);
  });

  test("issues none over an earlier one", async () => {
    expect(await mint(-1)).toEqual([503, "REVOCATION_NOT_INSTALLED"]);
  });
});

test("a sign-in whose password is changed while it is being verified opens no session", async () => {
  const { id, email } = await newcomer();
  whileVerifying = async () => {
    whileVerifying = async () => {};
    await own.pool.query(`UPDATE account SET password = 'hash of another' WHERE "userId" = $1`, [id]);
  };
  expect(await outcome(await new Caller(auth).signIn(email))).toEqual([401, "INVALID_EMAIL_OR_PASSWORD"]);
  expect((await own.pool.query('SELECT FROM session WHERE "userId" = $1', [id])).rowCount).toBe(0);
});

test("a password that is changed while another change verifies it is not changed by that one", async () => {
  const { caller, id } = await newcomer();
  const change = () =>
    caller.post("/change-password", { currentPassword: "Correct-horse-7", newPassword: "Brand-new-horse-8" });
  whileVerifying = async () => {
    whileVerifying = async () => {};
    await own.pool.query(`UPDATE account SET password = 'hash of another' WHERE "userId" = $1`, [id]);
  };
  expect(await outcome(await change())).toEqual([401, "INVALID_EMAIL_OR_PASSWORD"]);
  const stored = await own.pool.query('SELECT password FROM account WHERE "userId" = $1', [id]);
  expect(stored.rows).toEqual([{ password: "hash of another" }]);
  expect((await own.pool.query('SELECT FROM session WHERE "userId" = $1', [id])).rowCount).toBe(0);
});

test("a password is changed by who knows it, and the session goes on", async () => {
  const { caller } = await newcomer();
  const body = { currentPassword: "Correct-horse-7", newPassword: "Brand-new-horse-8" };
  expect((await caller.post("/change-password", body)).status).toBe(200);
  expect(await (await caller.get("/get-session")).json()).not.toBeNull();
});

test("a sign-in whose user is banned while it is being verified opens no session", async () => {
  const { id, email } = await newcomer();
  whileVerifying = async () => {
    whileVerifying = async () => {};
    await own.pool.query(
      `UPDATE "user" SET banned = true, "banExpires" = now() + interval '1 day' WHERE id = $1`,
      [id],
    );
  };
  expect((await new Caller(auth).signIn(email)).status).toBe(403);
  expect((await own.pool.query('SELECT FROM session WHERE "userId" = $1', [id])).rowCount).toBe(0);
});

test("a second factor that is pending ends with the password", async () => {
  const { caller, id, email } = await newcomer();
  const enabled = await caller.post("/two-factor/enable", { password: "Correct-horse-7" });
  const { backupCodes } = await enabled.json();
  await own.pool.query('UPDATE "user" SET "twoFactorEnabled" = true WHERE id = $1', [id]);
  await own.pool.query('UPDATE "twoFactor" SET verified = true WHERE "userId" = $1', [id]);
  const halfway = async () => {
    const person = new Caller(auth);
    expect(await (await person.signIn(email)).json()).toMatchObject({ twoFactorRedirect: true });
    return person;
  };
  const finish = (person: Caller, code: number) =>
    person.post("/two-factor/verify-backup-code", { code: backupCodes[code] });
  expect((await finish(await halfway(), 0)).status).toBe(200);
  const late = await halfway();
  await own.pool.query(`UPDATE account SET password = 'hash of another' WHERE "userId" = $1`, [id]);
  expect((await finish(late, 1)).status).toBe(401);
  expect((await own.pool.query('SELECT FROM session WHERE "userId" = $1', [id])).rowCount).toBe(0);
});

test("no answer tells a session's fingerprint", async () => {
  const { caller, email } = await newcomer();
  await caller.signIn(email);
  const stored = await own.pool.query("SELECT FROM session WHERE \"passwordFingerprint\" ~ '^[0-9a-f]{64}$'");
  expect(stored.rowCount).toBeGreaterThan(0);
  for (const path of ["/get-session", "/list-sessions", "/revocation/sessions"]) {
    expect(await (await caller.get(path)).text()).not.toMatch(/fingerprint|[0-9a-f]{64}/i);
  }
  await own.pool.query(`UPDATE "user" SET role = 'admin' WHERE email = $1`, [email]);
  const impersonated = await caller.post("/admin/impersonate-user", { userId: (await newcomer()).id });
  expect(impersonated.status).toBe(200);
  expect(await impersonated.text()).not.toMatch(/fingerprint|[0-9a-f]{64}/i);
});

describe("a user's own sessions", () => {
  test("are listed, and each can be ended", async () => {
    const { caller, email } = await newcomer();
    const elsewhere = new Caller(auth);
    await elsewhere.signIn(email);
    const { sessions } = await (await caller.get("/revocation/sessions")).json();
    expect(sessions).toHaveLength(2);
    const other = sessions.find((one: { current: boolean }) => !one.current);
    expect((await caller.post("/revocation/sessions/end", { id: other.id })).status).toBe(200);
    expect((await elsewhere.get("/token")).status).toBe(401);
    expect((await caller.get("/token")).status).toBe(200);
  });

  test("are nobody else's to end", async () => {
    const [ada, eve] = [await newcomer(), await newcomer()];
    const { sid } = decodeJwt<{ sid: string }>(await ada.caller.token());
    expect(await outcome(await eve.caller.post("/revocation/sessions/end", { id: sid }))).toEqual([
      404,
      "SESSION_NOT_FOUND",
    ]);
    expect((await ada.caller.get("/token")).status).toBe(200);
  });

  test.each([
    ["end-others", [200, 401]],
    ["end-all", [401, 401]],
  ])("all but this, or all: %s", async (path, expected) => {
    const { caller, email } = await newcomer();
    const elsewhere = new Caller(auth);
    await elsewhere.signIn(email);
    await caller.post(`/revocation/sessions/${path}`);
    expect([(await caller.get("/token")).status, (await elsewhere.get("/token")).status]).toEqual(expected);
  });
});

describe("a sign-out that proves nothing ends nothing and is a 401", () => {
  test("without token and cookie", async () => {
    expect(await outcome(await new Caller(auth).post("/sign-out"))).toEqual([401, "TOKEN_MISSING"]);
  });

  test("with a token that is not ours, tampered with, or revoked", async () => {
    const { caller } = await newcomer();
    const token = await caller.token();
    const [header, payload] = token.split(".");
    for (const bad of ["x", `${header}.${payload}.`, `${header}.${payload}.${"A".repeat(86)}`]) {
      const answer = await new Caller(auth).post("/sign-out", {}, { authorization: `Bearer ${bad}` });
      expect(answer.headers.get("www-authenticate")).toBe('Bearer error="invalid_token"');
      expect(await outcome(answer)).toEqual([401, "TOKEN_INVALID"]);
    }
    expect((await caller.get("/token")).status).toBe(200);
    await caller.post("/sign-out");
    const again = await new Caller(auth).post("/sign-out", {}, { authorization: `Bearer ${token}` });
    expect(await outcome(again)).toEqual([401, "TOKEN_REVOKED"]);
  });
});

describe("the feed", () => {
  test.each([
    ["none", {}],
    ["another", { authorization: "Bearer something else that is long enough" }],
    ["the bare credential", { authorization: CREDENTIAL }],
  ])("is closed with %s for a credential", async (_, headers: Record<string, string>) => {
    const answer = await readFeed("", headers);
    expect(answer.headers.get("www-authenticate")).toBe("Bearer");
    expect(await outcome(answer)).toEqual([401, "FEED_CREDENTIAL_INVALID"]);
  });

  test("leads on from a cursor, and is a 304 while nothing is new", async () => {
    const first = await readFeed();
    const { cursor } = await first.json();
    const after = `?after=${encodeURIComponent(cursor)}`;
    const same = await readFeed(after, {
      authorization: `Bearer ${CREDENTIAL}`,
      "if-none-match": first.headers.get("etag") ?? "",
    });
    expect(same.status).toBe(304);
    const { caller } = await newcomer();
    const { sid } = decodeJwt<{ sid: string }>(await caller.token());
    await caller.post("/sign-out");
    expect((await page(after)).revocations).toEqual([{ sid, expires_at: expect.any(Number) }]);
  });

  test("answers a long poll by the notification", async () => {
    const { cursor } = await page();
    const pending = page(`?after=${encodeURIComponent(cursor)}&wait=30`);
    const { caller } = await newcomer();
    await caller.post("/sign-out");
    expect((await pending).revocations).toHaveLength(1);
  });

  test.each(["?after=%00", "?wait=31", "?wait=x"])("refuses the query %s", async (query) => {
    expect((await readFeed(query)).status).toBe(400);
  });

  test("begins anew for a cursor of another database, and refuses one that was tampered with", async () => {
    expect((await page("?after=nonsense")).reset).toBe(true);
    const { cursor } = await page();
    const answer = await readFeed(`?after=${cursor.split("/")[0]}/nonsense`);
    expect(await outcome(answer)).toEqual([400, "CURSOR_INVALID"]);
  });
});

test("the types of auth.api survive", async () => {
  const api = auth.api;
  expect([api.getToken, api.listOwnSessions, api.setRole, api.enableTwoFactor].every(Boolean)).toBe(true);
});
