import { type BetterAuthOptions, betterAuth } from "better-auth";
import { type JwtOptions, jwt } from "better-auth/plugins";
import { decodeProtectedHeader } from "jose";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { migrateBetterAuth, stockOptions } from "../../test/applications.ts";
import { ownDatabase } from "../../test/database.ts";
import { Caller } from "../../test/installed.ts";
import { Database } from "../database/database.ts";
import { prepareDatabase } from "../testing.ts";
import { VISIBLE_AFTER } from "./key-visibility.ts";
import { settingsOf } from "./options.ts";
import { revocableJwt } from "./revocable-jwt.ts";
import { keysOf } from "./signing-keys.ts";

// A new key beside others is waited for by the clock.
vi.mock("node:timers/promises", async (load) => {
  const actual = await load<typeof import("node:timers/promises")>();
  const setTimeout = (pause: number, ...rest: [undefined, object]) =>
    pause === VISIBLE_AFTER ? Promise.resolve() : actual.setTimeout(pause, ...rest);
  return { ...actual, setTimeout };
});

const own = ownDatabase();
const lines: string[] = [];
const email = () => `${Math.random()}@example.com`;

const application = (secret = stockOptions.secret) =>
  betterAuth<BetterAuthOptions>({
    ...stockOptions,
    secret,
    database: own.pool,
    logger: { level: "info", log: (level, line) => lines.push(`${level} ${line}`) },
    plugins: [...revocableJwt({ audience: "https://api.example.com", lifetime: 3_600 })],
  });

/** What Better Auth's own jwt() leaves behind. */
async function keyOfStock(jwks: JwtOptions["jwks"]): Promise<void> {
  const options = { ...stockOptions, database: own.pool, plugins: [jwt({ jwks })] };
  await migrateBetterAuth(options);
  await betterAuth(options).api.getJwks();
}

let prepared = false;
beforeEach(async () => {
  lines.length = 0;
  if (prepared) await own.pool.query("DELETE FROM jwks");
});

async function signedUp(auth: ReturnType<typeof application>): Promise<Caller> {
  if (!prepared) await prepareDatabase(auth);
  prepared = true;
  const caller = new Caller(auth);
  await caller.signUp(email());
  return caller;
}

test.each([
  ["ES256", { alg: "ES256" }],
  ["RS256", { alg: "RS256", modulusLength: 2048 }],
] as const)(
  "a key of %s that was there before stays published, and signs nothing",
  async (alg, keyPairConfig) => {
    await keyOfStock({ keyPairConfig });
    const caller = await signedUp(application());
    const token = await caller.token();
    expect(decodeProtectedHeader(token).alg).toBe("EdDSA");
    const answer = await caller.get("/jwks");
    const { keys } = await answer.json();
    expect(keys.map((key: { alg: string }) => key.alg).sort()).toEqual([alg, "EdDSA"].sort());
    expect(answer.headers.get("token-algorithm")).toBe("EdDSA");
    const renewed = await new Caller(application()).post("/renew", undefined, {
      authorization: `Bearer ${token}`,
    });
    expect(renewed.status).toBe(200);
  },
);

describe("a key that the secret does not open", () => {
  const refused = async (caller: Caller) => {
    const answer = await caller.get("/token");
    return [answer.status, (await answer.json()).code];
  };
  const said = (line: string) =>
    vi.waitFor(() => expect(lines).toContainEqual(expect.stringContaining(line)), { timeout: 15_000 });

  test("because jwt() stored it unencrypted signs nothing; the start names what to do, and it helps", async () => {
    await keyOfStock({ disablePrivateKeyEncryption: true });
    const auth = application();
    const caller = await signedUp(auth);
    expect(await refused(caller)).toEqual([503, "SIGNING_KEY_UNREADABLE"]);
    lines.length = 0;
    await application().$context;
    await said("error [revocation] no token is issued: the secret does not open the signing key");
    expect(lines.join()).toContain("npx better-auth-revocation keys replace");
    const { rows } = await own.pool.query('SELECT "privateKey" AS secret FROM jwks');
    expect(lines.join()).not.toContain(JSON.parse(rows[0].secret).d);
    const settings = settingsOf({ audience: "https://api.example.com" });
    await keysOf(settings, new Database(own.pool), await auth.$context).replace();
    expect((await caller.get("/token")).status).toBe(200);
  });

  test("because it was encrypted under another secret signs nothing, and does with that secret", async () => {
    const before = await signedUp(application("another secret, of 32 characters and more"));
    await before.token();
    expect(await refused(await signedUp(application()))).toEqual([503, "SIGNING_KEY_UNREADABLE"]);
    expect((await before.get("/token")).status).toBe(200);
  });
});
