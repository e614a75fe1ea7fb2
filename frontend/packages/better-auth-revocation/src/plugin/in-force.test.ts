import { betterAuth } from "better-auth";
import { admin } from "better-auth/plugins";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { stockOptions } from "../../test/applications.ts";
import { ownDatabase } from "../../test/database.ts";
import { Caller, install } from "../../test/installed.ts";
import { revocableJwt } from "./revocable-jwt.ts";

const own = ownDatabase();
const NEW_PASSWORD = "Brand-new-horse-8";
let waits = 0;
const application = () =>
  betterAuth({
    ...stockOptions,
    database: own.pool,
    logger: { disabled: true },
    plugins: [
      admin(),
      ...revocableJwt({
        audience: "https://api.example.com",
        onAwaited: () => {
          waits += 1;
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
