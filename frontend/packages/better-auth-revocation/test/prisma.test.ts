import { cp, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { betterAuth } from "better-auth";
import { prismaAdapter } from "better-auth/adapters/prisma";
import { createJiti } from "jiti";
import { decodeJwt } from "jose";
import { beforeAll, expect, test } from "vitest";
import { revocableJwt } from "../src/index.ts";
import { isRevoked, prepareDatabase } from "../src/testing.ts";
import { stockOptions } from "./applications.ts";
import { ownDatabase } from "./database.ts";
import { Caller } from "./installed.ts";
import { ROOT, run } from "./running.ts";

const SOURCE = join(import.meta.dirname, "prisma");
const FOLDER = join(ROOT, ".data/prisma");
/** Milliseconds to install Prisma's packages, which nothing else here needs. */
const PATIENCE = 300_000;

type Client = { $disconnect(): Promise<void> };
type Generated = { PrismaClient: new (options: { adapter: unknown }) => Client };

const own = ownDatabase();

/** Generates the client that an application of Prisma's has, by Prisma's own command. */
async function generate(): Promise<void> {
  await cp(SOURCE, FOLDER, { recursive: true });
  const path = `${join(ROOT, ".venv/bin")}:${process.env["PATH"]}`;
  await run(FOLDER, "npm", ["ci", "--ignore-scripts"], { PATH: path });
  // Of an engine for migrations, which would be downloaded, generating has no need.
  const env = { PATH: path, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: "1" };
  await run(
    FOLDER,
    process.execPath,
    [join(FOLDER, "node_modules/prisma/build/index.js"), "generate", "--schema", "schema.prisma"],
    env,
  );
}

const application = (client: Client) =>
  betterAuth({
    ...stockOptions,
    database: prismaAdapter(client, { provider: "postgresql", transaction: true }),
    plugins: [...revocableJwt({ audience: "https://api.example.com", database: own.url })],
  });

let auth: ReturnType<typeof application>;

beforeAll(async () => {
  await generate();
  await own.pool.query(await readFile(join(SOURCE, "schema.sql"), "utf8"));
  const { PrismaClient } = await createJiti(join(FOLDER, "package.json")).import<Generated>(
    join(FOLDER, "generated/client.ts"),
  );
  const { PrismaPg } = createRequire(join(FOLDER, "package.json"))("@prisma/adapter-pg");
  const client = new PrismaClient({ adapter: new PrismaPg({ connectionString: own.url }) });
  auth = application(client);
  await prepareDatabase(auth, { database: own.url });
  return () => client.$disconnect();
}, PATIENCE);

async function newcomer() {
  const caller = new Caller(auth);
  const email = `${Math.random()}@example.com`;
  await caller.signUp(email);
  return { caller, email, token: await caller.token() };
}

test("a sign-out through Prisma's adapter revokes the token, and a neighbour's is not", async () => {
  const [ada, grace] = [await newcomer(), await newcomer()];
  expect((await ada.caller.post("/sign-out")).status).toBe(200);
  expect([await isRevoked(auth, ada.token), await isRevoked(auth, grace.token)]).toEqual([true, false]);
});

test("a session that is ended by plain SQL is in the feed", async () => {
  const { token } = await newcomer();
  await own.pool.query("DELETE FROM sessions WHERE id = $1", [decodeJwt(token)["sid"]]);
  expect(await isRevoked(auth, token)).toBe(true);
});

test("a new password ends what the former one opened, and a sign-in with it that is on its way", async () => {
  const { caller, email, token } = await newcomer();
  const change = { currentPassword: "Correct-horse-7", newPassword: "Another-horse-8" };
  expect((await caller.post("/change-password", change)).status).toBe(200);
  expect(await isRevoked(auth, token)).toBe(true);
  expect((await new Caller(auth).signIn(email)).status).toBe(401);
  expect((await new Caller(auth).signIn(email, "Another-horse-8")).status).toBe(200);
});
