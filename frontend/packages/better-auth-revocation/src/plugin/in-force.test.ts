import { randomUUID } from "node:crypto";
import { betterAuth } from "better-auth";
import { admin } from "better-auth/plugins";
import { Pool } from "pg";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { stockOptions } from "../../test/applications.ts";
import { ownDatabase } from "../../test/database.ts";
import { Caller, install } from "../../test/installed.ts";
import { revocableJwt } from "./revocable-jwt.ts";

const own = ownDatabase();
const NEW_PASSWORD = "Brand-new-horse-8";
const CREDENTIAL = "a credential of a resource server, long";
let waits = 0;
let inForce: boolean | undefined;
let deletionToken = "";
const application = (database = own.pool) =>
  betterAuth({
    ...stockOptions,
    database,
    logger: { disabled: true },
    user: {
      deleteUser: {
        enabled: true,
        sendDeleteAccountVerification: async ({ token }) => {
          deletionToken = token;
        },
      },
    },
    plugins: [
      admin(),
      ...revocableJwt({
        audience: "https://api.example.com",
        feedCredentials: [CREDENTIAL],
        onAwaited: (wait) => {
          waits += 1;
          inForce = wait.inForce;
        },
      }),
    ],
  });
type Application = ReturnType<typeof application>;

let auth: Application;
beforeAll(async () => {
  auth = application();
  await install(auth.options, own.url);
});

let headers: Headers;
let ofOther: Headers;
let userId: string;
beforeEach(async () => {
  const [boss, other] = [new Caller(auth), new Caller(auth)];
  const { id } = await boss.signUp(`${Math.random()}@example.com`);
  await own.pool.query(`UPDATE "user" SET role = 'admin' WHERE id = $1`, [id]);
  userId = (await other.signUp(`${Math.random()}@example.com`)).id;
  headers = new Headers({ cookie: boss.cookie });
  ofOther = new Headers({ cookie: other.cookie });
  waits = 0;
});

type Api = Application["api"];
const change = { currentPassword: "Correct-horse-7", newPassword: NEW_PASSWORD };

test.each<[string, (api: Api) => Promise<unknown>]>([
  ["signOut", (api) => api.signOut({ headers })],
  ["revokeSessions", (api) => api.revokeSessions({ headers })],
  ["changePassword", (api) => api.changePassword({ headers, body: change })],
  ["banUser", (api) => api.banUser({ headers, body: { userId } })],
  ["setUserPassword", (api) => api.setUserPassword({ headers, body: { userId, newPassword: NEW_PASSWORD } })],
])("the server's own auth.api.%s() returns when all resource servers have followed", async (_, call) => {
  await call(auth.api);
  expect(waits).toBe(1);
});

test("what ends nothing waits for nobody", async () => {
  await own.pool.query(`UPDATE session SET "expiresAt" = now() - interval '1 minute' WHERE "userId" = $1`, [
    userId,
  ]);
  expect(await auth.api.getSession({ headers: ofOther })).toBeNull();
  await auth.api.listSessions({ headers });
  await auth.api.signInEmail({ body: { email: "nobody@example.com", password: "x" } }).catch(() => undefined);
  expect(waits).toBe(0);
});

test("a link that deletes an account is answered when all have followed", async () => {
  await auth.api.deleteUser({ headers: ofOther, body: {} });
  waits = 0;
  const other = new Caller(auth);
  other.cookie = ofOther.get("cookie") ?? "";
  expect((await other.get(`/delete-user/callback?token=${deletionToken}`)).status).toBe(200);
  expect(waits).toBe(1);
});

test("who does not follow is waited for once, however short the database's statements may be", async () => {
  const pool = new Pool({ connectionString: own.url, options: "-c statement_timeout=400" });
  const hasty = application(pool);
  const read = (query: string) =>
    new Caller(hasty).get(`/revocations?${query}`, { authorization: `Bearer ${CREDENTIAL}` });
  const { cursor } = await (await read("")).json();
  await read(`after=${encodeURIComponent(cursor)}&listener=${randomUUID()}`);
  const outcomes: (boolean | undefined)[] = [];
  for (let round = 0; round < 2; round++) {
    const caller = new Caller(hasty);
    await caller.signUp(`${Math.random()}@example.com`);
    expect((await caller.post("/sign-out")).status).toBe(200);
    outcomes.push(inForce);
  }
  expect(outcomes).toEqual([false, true]);
  await pool.end();
});
