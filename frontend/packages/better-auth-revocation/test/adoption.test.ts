import { join } from "node:path";
import { decodeProtectedHeader } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mintingFor } from "../src/server.ts";
import { migrateBetterAuth, signUpWith } from "./applications.ts";
import { catalogOf } from "./catalog.ts";
import { ownDatabase } from "./database.ts";
import { Caller } from "./installed.ts";
import { type Application, applicationWithPackage } from "./packed.ts";

// An application as it is found: names without extensions, a path alias, a guard against browsers, users in `public`.
const TSCONFIG = JSON.stringify({
  compilerOptions: {
    strict: true,
    module: "esnext",
    moduleResolution: "bundler",
    target: "es2022",
    noEmit: true,
    skipLibCheck: true,
    types: ["node"],
    paths: { "@/*": ["./src/*"] },
  },
  include: ["src"],
});
const DATABASE = `import "server-only";
import { Pool } from "pg";
export const pool = new Pool({ connectionString: process.env["APP_DATABASE_URL"] });
pool.on("error", () => {});
`;
const AUTH = `import { betterAuth } from "better-auth";
import { twoFactor } from "better-auth/plugins";
import { pool } from "@/lib/database";

export const auth = betterAuth({
  baseURL: "http://localhost:3000",
  secret: "a secret of the tests, 32 characters and more",
  database: pool,
  emailAndPassword: { enabled: true },
  rateLimit: { enabled: false },
  logger: { disabled: true },
  plugins: [twoFactor()],
});
`;
// What the README says to change.
const IMPORT = `import { revocableJwt } from "better-auth-revocation";\n`;
const CHANGED = `${IMPORT}${AUTH.replace(
  "plugins: [twoFactor()]",
  `plugins: [twoFactor(), ...revocableJwt({ audience: "https://api.example.com", scopes: () => ["notes:read"] })]`,
)}`;

const own = ownDatabase();
let application: Application;

/** The application's own `auth`, as its server would load it. */
async function load() {
  const { createJiti } = await import("jiti");
  const jiti = createJiti(join(application.folder, "package.json"), {
    tsconfigPaths: true,
    moduleCache: false,
    fsCache: false,
    alias: {
      "server-only": join(application.folder, "node_modules/better-auth-revocation/dist/command/nothing.js"),
    },
  });
  return jiti.import<{
    auth: ConstructorParameters<typeof Caller>[0] &
      Parameters<typeof migrateBetterAuth>[0] & { options: Parameters<typeof migrateBetterAuth>[0] };
  }>(join(application.folder, "src/lib/auth.ts"));
}

beforeAll(async () => {
  application = await applicationWithPackage();
  process.env["APP_DATABASE_URL"] = own.url;
  await application.write({
    "tsconfig.json": TSCONFIG,
    "package.json": '{ "type": "module" }',
    "src/lib/database.ts": DATABASE,
    "src/lib/auth.ts": AUTH,
    "src/server-only.d.ts": 'declare module "server-only";\n',
  });
}, 120_000);
afterAll(() => application.remove());

test("an existing application is adopted by two changed lines and two commands", async () => {
  const before = (await load()).auth.options;
  await migrateBetterAuth(before);
  const ada = await signUpWith(before, "ada@example.com");
  expect(await application.command("status")).toMatchObject({
    status: 1,
    output: expect.stringContaining("revocableJwt() is not among Better Auth's plugins"),
  });

  await application.write({ "src/lib/auth.ts": CHANGED });
  await application.checkTypes();
  const { auth } = await load();
  await migrateBetterAuth(auth.options);
  const catalog = await catalogOf(own.pool);
  const caller = new Caller(auth);
  caller.cookie = ada.cookie;

  // Before the migration no token is issued that could not be revoked.
  expect((await caller.get("/token")).status).toBe(503);
  expect((await caller.get("/get-session")).status).toBe(200);
  expect(await application.command("migrate")).toMatchObject({
    status: 1,
    output: expect.stringContaining("add --yes"),
  });
  expect(await catalogOf(own.pool)).toEqual(catalog);

  expect(await application.command("migrate", "--yes")).toMatchObject({
    status: 0,
    output: expect.stringContaining('create trigger revocation_session_deleted ON "public"."session"'),
  });
  expect(await application.command("migrate")).toMatchObject({
    status: 0,
    output: expect.stringContaining("nothing to do"),
  });
  expect((await application.command("status")).status).toBe(0);

  // The session of before goes on, shows no script a token, and ends in the feed.
  expect((await caller.get("/token")).status).toBe(403);
  const token = await mintingFor("browser", () => caller.token());
  expect(token.split(".")).toHaveLength(3);
  await own.pool.query("DELETE FROM session WHERE id = $1", [ada.sessionId]);
  const feed = "SELECT sids FROM better_auth_revocation.revocations_after(NULL)";
  expect((await own.pool.query(feed)).rows).toEqual([{ sids: [ada.sessionId] }]);

  // A client that holds its token renews it, and the former one is revoked a minute later.
  const client = new Caller(auth);
  await client.signUp("grace@example.com");
  const headers = { authorization: `Bearer ${await client.token()}` };
  const renewed = await new Caller(auth).call("POST", "/renew", undefined, headers);
  expect([renewed.status, (await renewed.json()).token_type]).toEqual([200, "Bearer"]);
  const later =
    "SELECT FROM better_auth_revocation.revocation WHERE effective_at > now() + interval '55 seconds'";
  expect((await own.pool.query(later)).rowCount).toBe(1);

  const kid = decodeProtectedHeader(token).kid ?? "";
  expect((await application.command("keys")).output).toContain(`${kid}  EdDSA  signing`);
  expect((await application.command("keys", "retire", kid)).output).toContain("the only key that signs");
  expect((await application.command("keys", "rotate")).output).toContain("is published and signs from");
  expect((await application.command("keys")).output).toMatch(/EdDSA {2}published(\n|$)/);

  expect((await application.command("grants", "--role", "api")).output).toContain('TO "api"');
  expect((await application.command("uninstall", "--yes")).status).toBe(0);
  expect(await catalogOf(own.pool)).toEqual(catalog);
}, 120_000);

test("what `sql` prints does what `migrate` does", async () => {
  const { output } = await application.command("sql");
  await own.pool.query(output);
  expect(await application.command("migrate")).toMatchObject({
    status: 0,
    output: expect.stringContaining("nothing to do"),
  });
}, 60_000);

test.each([
  [["destroy"], "there is no command destroy"],
  [["migrate", "--configuration", "x"], "Unknown option '--configuration'"],
  [["migrate", "--config", "x.ts"], "there is no x.ts"],
  [["grants"], "give its name with --role"],
])(
  "%j fails with one line",
  async (args, line) => {
    const { status, output } = await application.command(...args);
    expect(status).toBe(1);
    expect(output).toContain(line);
    expect(output.trim().split("\n")).toHaveLength(1);
  },
  60_000,
);
