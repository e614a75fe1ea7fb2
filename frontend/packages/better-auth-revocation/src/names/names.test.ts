import type { BetterAuthOptions } from "better-auth";
import { betterAuth } from "better-auth";
import { drizzleAdapter } from "better-auth/adapters/drizzle";
import { drizzle } from "drizzle-orm/node-postgres";
import { pgSchema, pgTable, text, timestamp } from "drizzle-orm/pg-core";
import { CamelCasePlugin, Kysely, PostgresDialect } from "kysely";
import { beforeEach, describe, expect, test } from "vitest";
import { stockOptions } from "../../test/applications.ts";
import { ownDatabase } from "../../test/database.ts";
import { Database } from "../database/database.ts";
import { candidatesOf } from "./candidates.ts";
import { confirmTables } from "./catalog.ts";
import type { TableNames } from "./model.ts";

const own = ownDatabase();

/** Tables with the columns that matter, under any names. */
const create = (schema: string, names: Record<string, string>, column = (name: string) => name) =>
  own.pool.query(`
    CREATE SCHEMA IF NOT EXISTS "${schema}";
    CREATE TABLE "${schema}"."${names["user"]}" (id text PRIMARY KEY);
    CREATE TABLE "${schema}"."${names["session"]}" (
      id text PRIMARY KEY, "${column("userId")}" text NOT NULL, "${column("expiresAt")}" timestamp NOT NULL);
    CREATE TABLE "${schema}"."${names["account"]}" (id text PRIMARY KEY, "${column("userId")}" text NOT NULL, password text);
    CREATE TABLE "${schema}"."${names["verification"]}" (id text PRIMARY KEY, value text NOT NULL)`);

const same = { user: "user", session: "session", account: "account", verification: "verification" };
const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

beforeEach(async () => {
  await own.pool.query("DROP SCHEMA IF EXISTS app, other, public CASCADE; CREATE SCHEMA public");
});

async function resolve(options: BetterAuthOptions, given?: TableNames) {
  const all = { ...stockOptions, advanced: { database: { validateSchema: false } }, ...options };
  const { adapter } = await betterAuth(all).$context;
  return found(await candidatesOf(all, adapter, given));
}

const found = async (candidates: Awaited<ReturnType<typeof candidatesOf>>) => {
  const tables = await confirmTables(new Database(own.pool), candidates);
  const { user, session } = tables;
  return [`${user.schema}.${user.name}`, `${session.schema}.${session.name}`, session.columns.userId.name];
};

describe("with Kysely or a pool", () => {
  test("names follow modelName and fields", async () => {
    await create("public", { ...same, user: "people" }, snake);
    const fields = { userId: "user_id", expiresAt: "expires_at" };
    const options = {
      user: { modelName: "people" },
      session: { fields },
      account: { fields: { userId: "user_id" } },
    };
    expect(await resolve({ database: own.pool, ...options })).toEqual([
      "public.people",
      "public.session",
      "user_id",
    ]);
  });

  test("the first on the search path is taken, as Postgres does", async () => {
    await create("app", same);
    await create("public", same);
    await own.pool.query(`ALTER ROLE ${own.name} SET search_path = app, public`);
    const database = new Database(own.url);
    const candidates = await candidatesOf({ database: own.pool }, { id: "kysely" });
    const { user } = await confirmTables(database, candidates);
    await database.end();
    await own.pool.query(`ALTER ROLE ${own.name} RESET search_path`);
    expect(user.schema).toBe("app");
  });

  test("names follow schemaName, and what plugins of Kysely make of them", async () => {
    await create("app", same, snake);
    const db = new Kysely({
      dialect: new PostgresDialect({ pool: own.pool }),
      plugins: [new CamelCasePlugin()],
    });
    expect(await resolve({ database: { db, type: "postgres", schemaName: "app" } })).toEqual([
      "app.user",
      "app.session",
      "user_id",
    ]);
  });

  test("a table off the search path is told with the remedy", async () => {
    await create("other", same);
    await expect(resolve({ database: own.pool })).rejects.toThrow(
      "the table for user is other.user, which is not on the search path; name it in `tables.user`",
    );
    const given = {
      user: "other.user",
      session: "other.session",
      account: "other.account",
      verification: "other.verification",
    };
    expect(await resolve({ database: own.pool }, given)).toEqual(["other.user", "other.session", "userId"]);
  });
});

describe("with Drizzle", () => {
  const times = { expiresAt: timestamp("expires_at").notNull() };
  const tables = (make: Pick<ReturnType<typeof pgSchema>, "table">["table"]) => ({
    user: make("app_users", { id: text("id").primaryKey() }),
    session: make("app_sessions", {
      id: text("id").primaryKey(),
      userId: text("user_id").notNull(),
      ...times,
    }),
    account: make("app_accounts", {
      id: text("id").primaryKey(),
      userId: text("user_id").notNull(),
      password: text(),
    }),
    verification: make("app_verifications", { id: text("id").primaryKey(), value: text().notNull() }),
  });
  const physical = {
    user: "app_users",
    session: "app_sessions",
    account: "app_accounts",
    verification: "app_verifications",
  };

  test("names are those of the declared tables, in their schema", async () => {
    await create("app", physical, snake);
    const schema = tables(pgSchema("app").table);
    const database = drizzleAdapter(drizzle({ client: own.pool, schema }), { provider: "pg", schema });
    expect(await resolve({ database })).toEqual(["app.app_users", "app.app_sessions", "user_id"]);
  });

  test("a column without a name of its own follows the casing of the database", async () => {
    await create("public", same, snake);
    const schema = {
      user: pgTable("user", { id: text().primaryKey() }),
      session: pgTable("session", { id: text().primaryKey(), userId: text(), expiresAt: timestamp() }),
      account: pgTable("account", { id: text().primaryKey(), userId: text(), password: text() }),
      verification: pgTable("verification", { id: text().primaryKey(), value: text() }),
    };
    const db = drizzle({ client: own.pool, schema, casing: "snake_case" });
    expect(await resolve({ database: drizzleAdapter(db, { provider: "pg", schema }) })).toEqual([
      "public.user",
      "public.session",
      "user_id",
    ]);
  });

  test("an adapter without schema, and one of another database, are refused", async () => {
    const candidates = (config: Record<string, unknown>) =>
      candidatesOf(stockOptions, { id: "drizzle", options: config });
    await expect(candidates({ provider: "pg" })).rejects.toThrow("was given no `schema`");
    await expect(candidates({ provider: "mysql", schema: {} })).rejects.toThrow("revocation needs Postgres");
  });
});

describe("with Prisma, which does not tell", () => {
  const prisma = { id: "prisma" };
  const candidates = (given?: TableNames) => candidatesOf(stockOptions, prisma, given);

  test.each([
    ["as they are", same, (name: string) => name],
    [
      "as models",
      { user: "User", session: "Session", account: "Account", verification: "Verification" },
      (name: string) => name,
    ],
    [
      "in plural with snake case",
      { user: "users", session: "sessions", account: "accounts", verification: "verifications" },
      snake,
    ],
  ])("names are found %s", async (_, names, column) => {
    await create("public", names, column);
    expect(await found(await candidates())).toEqual([
      `public.${names.user}`,
      `public.${names.session}`,
      column("userId"),
    ]);
  });

  test("what could be one of two stops, and `tables` decides", async () => {
    await create("public", same);
    await own.pool.query('CREATE TABLE users (id text); CREATE TABLE "User" (id integer)');
    await expect(candidates().then(found)).rejects.toThrow(
      "the table for user could be public.User, public.user, public.users; name the right one in `tables.user`",
    );
    expect(await found(await candidates({ user: "user" }))).toEqual([
      "public.user",
      "public.session",
      "userId",
    ]);
  });
});

test.each([
  ["no table at all", async () => {}, {}, "run Better Auth's own migration first"],
  [
    "a table without the columns",
    () => own.pool.query('CREATE TABLE "user" (name text)'),
    {},
    "public.user lacks id",
  ],
  ["a name of three parts", async () => {}, { user: "a.b.c" }, 'is no "table" or "schema.table"'],
  ["a model that is none", async () => {}, { users: "a" }, "`tables` names users"],
  [
    "a column that is none",
    async () => {},
    { user: { columns: { mail: "a" } } },
    "`tables.user.columns` names mail",
  ],
])("%s is one line with the remedy", async (_, prepare, given, line) => {
  await prepare();
  await expect(resolve({ database: own.pool }, given as TableNames)).rejects.toThrow(line);
});

test.each([
  ["partitioned", `CREATE TABLE session (LIKE model) PARTITION BY RANGE ("expiresAt")`],
  ["a parent", "CREATE TABLE session (LIKE model); CREATE TABLE of_ada () INHERITS (session)"],
  ["a child", "CREATE TABLE session () INHERITS (model)"],
])("a table that is %s is refused", async (_, statement) => {
  await create("public", same);
  await own.pool.query(`ALTER TABLE session RENAME TO model; ${statement}`);
  await expect(resolve({ database: own.pool })).rejects.toThrow(
    "public.session, the table for session, is partitioned or inherits",
  );
});

test("ids and times of types that can't be are refused", async () => {
  await create("public", same);
  await own.pool.query('ALTER TABLE session ALTER "expiresAt" TYPE text');
  await expect(resolve({ database: own.pool })).rejects.toThrow("public.session.expiresAt is of type text");
});
