import { type BetterAuthOptions, betterAuth } from "better-auth";
import { memoryAdapter } from "better-auth/adapters/memory";
import { bearer, jwt } from "better-auth/plugins";
import { Pool } from "pg";
import { expect, test } from "vitest";
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
  [
    "sessions outside of the database",
    { secondaryStorage: storage },
    "set `session.storeSessionInDatabase: true`",
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

test.each<[string, BetterAuthOptions, string]>([
  ["the cookie cache", { session: { cookieCache: { enabled: true } } }, "turn it off"],
  ["bearer() without signature", { plugins: [bearer()] }, "bearer({ requireSignature: true })"],
  ["rate limits in memory", { rateLimit: { enabled: true } }, '`rateLimit.storage: "database"`'],
])("%s is warned about with the remedy", async (_, options, line) => {
  expect(await start(options)).toEqual([expect.stringContaining(line)]);
});

test.each<[string, BetterAuthOptions]>([
  [
    "sessions that are in the database too",
    { secondaryStorage: storage, session: { storeSessionInDatabase: true } },
  ],
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
