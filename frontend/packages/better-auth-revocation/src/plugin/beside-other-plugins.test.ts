import { type BetterAuthPlugin, betterAuth } from "better-auth";
import { createAuthMiddleware } from "better-auth/api";
import { admin, bearer, emailOTP, twoFactor } from "better-auth/plugins";
import { decodeJwt } from "jose";
import { Pool, types } from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { ORIGIN, stockOptions } from "../../test/applications.ts";
import { ownDatabase } from "../../test/database.ts";
import { Caller, install } from "../../test/installed.ts";
import { revocableJwt } from "./revocable-jwt.ts";

const own = ownDatabase();
const numbered = ownDatabase();
const PAGE = { origin: ORIGIN };
const CREDENTIAL = "a credential of a resource server, long";
const codes = new Map<string, string>();

/** A plugin of the application's that keeps the tokens of other providers encrypted. */
const encrypting = {
  id: "encrypting",
  init: () => ({
    options: {
      databaseHooks: {
        account: {
          update: {
            before: async ({ accessToken, ...rest }) => ({
              data: { ...rest, ...(accessToken && { accessToken: `encrypted ${accessToken}` }) },
            }),
          },
        },
      },
    },
  }),
} satisfies BetterAuthPlugin;

const application = (database = own.pool, generateId?: "serial") =>
  betterAuth({
    ...stockOptions,
    database,
    ...(generateId && { advanced: { database: { generateId } } }),
    // It asks administrators for their password again before they act as somebody else.
    hooks: {
      before: createAuthMiddleware(async ({ path, headers }) => {
        const password = headers?.get("x-password");
        if (!path.startsWith("/admin/") || !password || !headers) return;
        await auth.api.verifyPassword({ body: { password }, headers });
      }),
    },
    plugins: [
      encrypting,
      admin(),
      bearer(),
      emailOTP({ sendVerificationOTP: async ({ email, otp }) => void codes.set(email, otp) }),
      twoFactor({ skipVerificationOnEnable: true }),
      ...revocableJwt({ audience: "https://api.example.com", feedCredentials: [CREDENTIAL] }),
    ],
  });

let auth: ReturnType<typeof application>;
beforeAll(async () => {
  auth = application();
  await install(auth.options, own.url);
});

/** Somebody with a password that nobody else has: hashes are compared. */
async function newcomer(by = auth) {
  const [email, password] = [`${Math.random()}@example.com`, `Horse-${Math.random()}`];
  const caller = new Caller(by);
  const { id } = await caller.signUp(email, password);
  return { caller, id, email, password };
}

/** Somebody who has given the password and not yet the second factor. */
async function halfway(headers: Record<string, string> = PAGE, by = auth) {
  const person = await newcomer(by);
  const enabled = await person.caller.post("/two-factor/enable", { password: person.password });
  const { backupCodes } = await enabled.json();
  const caller = new Caller(by);
  await caller.post("/sign-in/email", person, headers);
  return { ...person, caller, code: backupCodes[0] };
}

describe("a second factor that somebody else never gave", () => {
  async function abandon() {
    const { id } = await halfway();
    await own.pool.query(`UPDATE verification SET "expiresAt" = now() - interval '1 s' WHERE value = $1`, [
      id,
    ]);
  }

  test.each([
    ["sign-in", "/email-otp/send-verification-otp", "/sign-in/email-otp"],
    ["forget-password", "/email-otp/request-password-reset", "/email-otp/reset-password"],
  ])("does not keep anybody from a %s by a code", async (type, ask, give) => {
    const { email } = await newcomer();
    const caller = new Caller(auth);
    await caller.post(ask, { email, type }, PAGE);
    await abandon();
    const answer = await caller.post(give, { email, otp: codes.get(email), password: "Brand-new-8" }, PAGE);
    expect([answer.status, await answer.text()]).toEqual([200, expect.any(String)]);
  });
});

test("with ids that are numbers, a wrong second factor does not spoil the right one", async () => {
  const byNumber = application(numbered.pool, "serial");
  await install(byNumber.options, numbered.url);
  await newcomer(byNumber);
  const { caller, code } = await halfway(PAGE, byNumber);
  const give = (one: unknown) => caller.post("/two-factor/verify-backup-code", { code: one });
  expect([(await give("wrong")).status, (await give(code)).status]).toEqual([401, 200]);
});

test("an administrator who confirms the password first acts on others as ever", async () => {
  const [boss, ada] = [await newcomer(), await newcomer()];
  await own.pool.query(`UPDATE "user" SET role = 'admin' WHERE id = $1`, [boss.id]);
  const confirmed = { "x-password": boss.password };
  const body = { userId: ada.id, newPassword: "Brand-new-horse-8" };
  expect((await boss.caller.post("/admin/set-user-password", body, confirmed)).status).toBe(200);
  expect((await boss.caller.post("/admin/impersonate-user", { userId: ada.id }, confirmed)).status).toBe(200);
});

test("what another plugin changes of an account is stored", async () => {
  const { id } = await newcomer();
  const { internalAdapter } = await auth.$context;
  const [account] = await internalAdapter.findAccounts(id);
  await internalAdapter.updateAccount(account?.id ?? "", { accessToken: "of a provider" });
  const { rows } = await own.pool.query(`SELECT "accessToken" FROM account WHERE "userId" = $1`, [id]);
  expect(rows).toEqual([{ accessToken: "encrypted of a provider" }]);
});

test("a client that still sends its former session by bearer() gets tokens when it signs in again", async () => {
  const { caller, email, password, id } = await newcomer();
  const former = { authorization: `Bearer ${decodeURIComponent(caller.cookie.split("=")[1] ?? "")}` };
  await own.pool.query(`DELETE FROM session WHERE "userId" = $1`, [id]);
  const client = new Caller(auth);
  expect((await client.post("/sign-in/email", { email, password }, former)).status).toBe(200);
  expect((await client.get("/token")).status).toBe(200);
});

describe("a token that a client may have", () => {
  const kinds = async (headers: Record<string, string>) => {
    const { email, password } = await newcomer();
    const client = new Caller(auth);
    await client.post("/sign-in/email", { email, password }, headers);
    return (await client.get("/token")).status;
  };

  test("is that of an application by @better-auth/expo, whose scheme stands for an origin", async () => {
    const scheme = "notes-app://";
    expect(await kinds({ origin: scheme, "expo-origin": scheme })).toBe(200);
    expect(await kinds({ origin: ORIGIN, "expo-origin": scheme })).toBe(403);
    expect(await kinds({ origin: ORIGIN, "expo-origin": ORIGIN })).toBe(403);
    expect(await kinds({ origin: "null", "expo-origin": "null" })).toBe(403);
    const byPage = { origin: scheme, "expo-origin": scheme, "sec-fetch-site": "cross-site" };
    expect(await kinds(byPage)).toBe(403);
  });

  test("is not given to a script to which the client handed its session", async () => {
    const { caller } = await newcomer();
    expect((await caller.get("/token")).status).toBe(200);
    expect((await caller.get("/token", { "sec-fetch-site": "same-origin" })).status).toBe(403);
  });
});

test("a sign-out by the server's own code, of a visitor who is not signed in, is no error", async () => {
  expect(await auth.api.signOut({ headers: new Headers() })).toEqual({ success: true });
});

test("sessions that are extended by two requests at once revoke nothing, in whatever order they are written", async () => {
  const { caller, id } = await newcomer();
  const token = await caller.token();
  const shorten = (by: string) =>
    own.pool.query(`UPDATE session SET "expiresAt" = "expiresAt" - $1::interval WHERE "userId" = $2`, [
      by,
      id,
    ]);
  const isAccepted = async () =>
    (await new Caller(auth).post("/renew", undefined, { authorization: `Bearer ${token}` })).status === 200;
  await shorten("30 milliseconds");
  expect(await isAccepted()).toBe(true);
  await shorten("2 minutes");
  expect(await isAccepted()).toBe(false);
  expect(decodeJwt(token).exp).toBeGreaterThan(Date.now() / 1000);
});

test("types that the application reads in its own way change nothing", async () => {
  const asText = [114, 3802, 1114, 1184];
  const getTypeParser = (oid: number, ...rest: []) =>
    asText.includes(oid) ? (value: string) => value : types.getTypeParser(oid, ...rest);
  const pool = new Pool({ connectionString: own.url, types: { getTypeParser } });
  // The database is dropped under its connection that listens.
  pool.on("error", () => undefined);
  const odd = application(pool);
  const { caller } = await newcomer();
  const { rows } = await own.pool.query("SELECT better_auth_revocation.revoke_token('of nobody')");
  expect(rows).toHaveLength(1);
  const listed = await new Caller(odd).get("/revocation/sessions", {
    authorization: `Bearer ${await caller.token()}`,
  });
  expect((await listed.json()).sessions).toHaveLength(1);
  const feed = await new Caller(odd).get("/revocations", { authorization: `Bearer ${CREDENTIAL}` });
  expect((await feed.json()).revocations).toContainEqual(expect.objectContaining({ jti: "of nobody" }));
  await pool.end();
});
