import { type BetterAuthOptions, betterAuth } from "better-auth";
import { memoryAdapter } from "better-auth/adapters/memory";
import { bearer, jwt } from "better-auth/plugins";
import { Pool } from "pg";
import { expect, test, vi } from "vitest";
import { stockOptions } from "../../test/applications.ts";
import { revocableJwt } from "./revocable-jwt.ts";

const AUDIENCE = "https://api.example.com";
// Nothing listens there: what is refused or warned about is so without a database.
const database = new Pool({ host: "127.0.0.1", port: 1 });
const nothing = async () => null;
const storage = {
  get: nothing,
  getAndDelete: nothing,
  set: nothing,
  delete: nothing,
  increment: async () => 1,
};

async function start(options: BetterAuthOptions): Promise<string[]> {
  const lines: string[] = [];
  const { plugins = [], ...others } = options;
  await betterAuth({
    ...stockOptions,
    database,
    advanced: { database: { validateSchema: false } },
    logger: { level: "warn", log: (_, line) => lines.push(line) },
    ...others,
    plugins: [...plugins, ...revocableJwt({ audience: AUDIENCE })],
  }).$context;
  return lines;
}

test("a sound configuration starts without a word, also while the database is away", async () => {
  expect(await start({})).toEqual([]);
});

test.each<[string, BetterAuthOptions, string]>([
  ["no Postgres", { database: memoryAdapter({}) }, "revocation needs Postgres"],
  ["a storage beside the database", { secondaryStorage: storage }, "remove it"],
  [
    "a storage that is asked before the database",
    { secondaryStorage: storage, session: { storeSessionInDatabase: true } },
    "remove it",
  ],
  ["a second jwt()", { plugins: [jwt()] }, "remove it"],
  [
    "several base addresses",
    { baseURL: { allowedHosts: ["a.example", "b.example"] } },
    "give revocableJwt() an `issuer`",
  ],
])("%s is refused with the remedy", async (_, options, line) => {
  await expect(start(options)).rejects.toThrow(line);
});

test("no base address in production is refused with the remedy, and is fine in a build", async () => {
  vi.stubEnv("NODE_ENV", "production");
  vi.stubEnv("BETTER_AUTH_URL", undefined);
  const options: BetterAuthOptions = {
    baseURL: undefined,
    advanced: { ipAddress: { trustedProxies: ["127.0.0.1"] } },
  };
  await expect(start(options)).rejects.toThrow("set `baseURL`, or give revocableJwt() an `issuer`");
  vi.stubEnv("NEXT_PHASE", "phase-production-build");
  await expect(start(options)).resolves.toBeDefined();
  vi.unstubAllEnvs();
});

test.each<[string, BetterAuthOptions, string]>([
  ["the cookie cache", { session: { cookieCache: { enabled: true } } }, "turn it off"],
  ["bearer() without signature", { plugins: [bearer()] }, "bearer({ requireSignature: true })"],
  ["rate limits in memory", { rateLimit: { enabled: true } }, '`rateLimit.storage: "database"`'],
])("%s is warned about with the remedy", async (_, options, line) => {
  expect(await start(options)).toEqual([expect.stringContaining(line)]);
});

test.each<[string, BetterAuthOptions]>([
  ["bearer() with signature", { plugins: [bearer({ requireSignature: true })] }],
  ["rate limits in the database", { rateLimit: { enabled: true, storage: "database" } }],
])("%s are fine", async (_, options) => {
  expect(await start(options)).toEqual([]);
});

test.each([
  [{ audience: "" }, "`audience` is empty"],
  [{ audience: AUDIENCE, lifetime: 1.5 }, "`lifetime` is 1.5"],
  [{ audience: AUDIENCE, schema: "pg_own" }, '`schema` is "pg_own"'],
  [{ audience: AUDIENCE, feedCredentials: ["short"] }, "fewer than 32 characters"],
])("the options %j are refused", (options, line) => {
  expect(() => revocableJwt(options)).toThrow(line);
});
