import { betterAuth } from "better-auth";
import { admin, twoFactor } from "better-auth/plugins";
import { decodeJwt } from "jose";
import { beforeAll, describe, expect, test } from "vitest";
import { ORIGIN, stockOptions } from "../../test/applications.ts";
import { ownDatabase } from "../../test/database.ts";
import { Caller, install } from "../../test/installed.ts";
import { mintingFor } from "../backend-for-frontend/minting-for.ts";
import { adminFields } from "./admin-fields.ts";
import { mintingWith } from "./minting.ts";
import { revocableJwt } from "./revocable-jwt.ts";

const own = ownDatabase();
const PASSWORD = "Correct-horse-7";
const application = (tokensInBrowsers = false) =>
  betterAuth({
    ...stockOptions,
    database: own.pool,
    plugins: [
      admin(),
      adminFields(),
      twoFactor({ skipVerificationOnEnable: true }),
      ...revocableJwt({ audience: "https://api.example.com", tokensInBrowsers }),
    ],
  });

let auth: ReturnType<typeof application>;
beforeAll(async () => {
  auth = application();
  await install(auth.options, own.url);
});

const email = () => `${Math.random()}@example.com`;
const outcome = async (answer: Response) => [answer.status, (await answer.json()).code];

/** Somebody who has signed up with these headers. */
async function newcomer(headers: Record<string, string>, by = auth): Promise<Caller> {
  const caller = new Caller(by);
  const answer = await caller.post(
    "/sign-up/email",
    { name: "Ada", email: email(), password: PASSWORD },
    headers,
  );
  expect(answer.status).toBe(200);
  return caller;
}

test.each<[string, Record<string, string>]>([
  ["a page of ours", { origin: ORIGIN }],
  [
    "a page with fetch metadata",
    { origin: ORIGIN, "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors" },
  ],
])(
  "a session that %s opened gives no script a token, and the backend-for-frontend one",
  async (_, headers) => {
    const caller = await newcomer(headers);
    expect(await outcome(await caller.get("/token"))).toEqual([403, "TOKEN_NOT_FOR_BROWSERS"]);
    expect(decodeJwt(await mintingFor("browser", () => caller.token())).sub).toEqual(expect.any(String));
  },
);

test.each<[string, Record<string, string>]>([
  ["a client without a browser's headers", {}],
  ["Node's own fetch, which sends Sec-Fetch-Mode alone", { "sec-fetch-mode": "cors" }],
])("a session that %s opened gives it one", async (_, headers) => {
  const caller = await newcomer(headers);
  expect((await caller.get("/token")).status).toBe(200);
});

test("a session of before it was recorded is a browser's, and nobody chooses its kind by the body", async () => {
  const caller = await newcomer({});
  await own.pool.query('UPDATE session SET "clientKind" = NULL');
  expect((await caller.get("/token")).status).toBe(403);
  const browser = await newcomer({ origin: ORIGIN });
  await browser.post("/update-session", { clientKind: "token" });
  expect((await browser.get("/token")).status).toBe(403);
});

test("the session after a new password is of the kind of the one before", async () => {
  const change = { currentPassword: PASSWORD, newPassword: "Brand-new-horse-8" };
  const [client, browser] = [await newcomer({}), await newcomer({ origin: ORIGIN })];
  for (const caller of [client, browser]) {
    expect((await caller.post("/change-password", change)).status).toBe(200);
  }
  expect([(await client.get("/token")).status, (await browser.get("/token")).status]).toEqual([200, 403]);
});

describe("a sign-in with a second factor", () => {
  const CHALLENGE = "better-auth.two_factor";

  /** Somebody who has a second factor, and has given the password with these headers. */
  async function halfway(headers: Record<string, string>): Promise<{ caller: Caller; code: string }> {
    const address = email();
    const person = new Caller(auth);
    await person.signUp(address);
    const enabled = await person.post("/two-factor/enable", { password: PASSWORD });
    const { backupCodes } = await enabled.json();
    const caller = new Caller(auth);
    const challenged = await caller.post("/sign-in/email", { email: address, password: PASSWORD }, headers);
    expect(await challenged.json()).toMatchObject({ twoFactorRedirect: true });
    caller.cookie = caller.cookie
      .split("; ")
      .filter((pair) => pair.startsWith(CHALLENGE))
      .join("; ");
    return { caller, code: backupCodes[0] };
  }

  test.each<[string, Record<string, string>, number]>([
    ["a client", {}, 200],
    ["a page", { origin: ORIGIN }, 403],
  ])("that %s began opens a session of its kind", async (_, headers, status) => {
    const { caller, code } = await halfway(headers);
    expect((await caller.post("/two-factor/verify-backup-code", { code: "no such code" })).status).toBe(401);
    // Better Auth asks for an `Origin` with any cookie, and the challenge is one.
    expect((await caller.post("/two-factor/verify-backup-code", { code })).status).toBe(200);
    expect((await caller.get("/token")).status).toBe(status);
  });
});

test("an application that wants tokens in its pages says so", async () => {
  const caller = await newcomer({ origin: ORIGIN }, application(true));
  expect((await caller.get("/token")).status).toBe(200);
});

test("a token can be minted for another audience, and with what was decided of it", async () => {
  const caller = await newcomer({});
  const decided = { audience: "urn:other", jti: "chosen", iat: Math.floor(Date.now() / 1000) - 60 };
  const { audience: aud, ...others } = decided;
  expect(decodeJwt(await mintingWith(decided, () => caller.token()))).toMatchObject({ aud, ...others });
  expect(decodeJwt(await caller.token()).aud).toBe("https://api.example.com");
});

test("an administrator sets what is named, and no other column of a user", async () => {
  const [boss, ada] = [await newcomer({}), await newcomer({})];
  const idOf = async (caller: Caller) => decodeJwt(await caller.token()).sub;
  const [bossId, userId] = [await idOf(boss), await idOf(ada)];
  await own.pool.query(`UPDATE "user" SET role = 'admin' WHERE id = $1`, [bossId]);
  const update = (data: Record<string, unknown>) => boss.post("/admin/update-user", { userId, data });
  expect(await outcome(await update({ name: "Grace", createdAt: "2001-01-01T00:00:00Z" }))).toEqual([
    422,
    "FIELD_NOT_ALLOWED",
  ]);
  expect((await update({ name: "Grace" })).status).toBe(200);
  const { rows } = await own.pool.query('SELECT name FROM "user" WHERE id = $1', [userId]);
  expect(rows).toEqual([{ name: "Grace" }]);
});
