import type { BetterAuthOptions } from "better-auth";
import { betterAuth } from "better-auth";
import { admin } from "better-auth/plugins";
import { Pool } from "pg";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { migrateBetterAuth, signUpWith, stockOptions } from "../../test/applications.ts";
import { catalogOf } from "../../test/catalog.ts";
import { ownDatabase } from "../../test/database.ts";
import { Database } from "../database/database.ts";
import { candidatesOf } from "../names/candidates.ts";
import { confirmTables } from "../names/catalog.ts";
import type { Installation } from "../sql/names.ts";
import { migrate, plan, planUninstall, uninstall } from "./migrate.ts";

const SCHEMA = "better_auth_revocation";
const idTypes = [
  ["text", undefined],
  ["uuid", "uuid"],
  ["serial", "serial"],
] as const;

describe.each(idTypes)("with ids of type %s in schema public", (_, generateId) => {
  const own = ownDatabase();
  let options: BetterAuthOptions;
  let wanted: Installation;
  let before: Awaited<ReturnType<typeof catalogOf>>;
  let ada: Awaited<ReturnType<typeof signUpWith>>;

  const feed = async () => (await own.pool.query(`SELECT * FROM ${SCHEMA}.revocations_after(NULL)`)).rows[0];

  beforeAll(async () => {
    options = {
      ...stockOptions,
      database: own.pool,
      plugins: [admin()],
      ...(generateId && { advanced: { database: { generateId } } }),
    };
    await migrateBetterAuth(options);
    ada = await signUpWith(options, "ada@example.com");
    before = await catalogOf(own.pool);
    const { adapter } = await betterAuth(options).$context;
    const tables = await confirmTables(new Database(own.pool), await candidatesOf(options, adapter));
    wanted = { schema: SCHEMA, tables, tokenLifetime: 30 * 86_400 };
  });

  test("a plan changes nothing and names every object", async () => {
    const { steps } = await plan(new Database(own.pool), wanted);
    expect(steps[0]?.title).toBe(`create schema "${SCHEMA}"`);
    expect(steps.map(({ title }) => title)).toContain(
      'create trigger revocation_session_deleted ON "public"."session"',
    );
    expect(await catalogOf(own.pool)).toEqual(before);
  });

  test("migrating twice is migrating once, and two at a time take turns", async () => {
    const database = new Database(own.pool);
    const [first, second] = await Promise.all([migrate(database, wanted), migrate(database, wanted)]);
    expect([first.length, second.length].sort()).toEqual([0, expect.any(Number)].sort());
    expect(await migrate(database, wanted)).toEqual([]);
    expect((await own.pool.query(`SELECT * FROM ${SCHEMA}.missing_revocation_triggers()`)).rows).toEqual([]);
  });

  test("users and sessions of before go on", async () => {
    const auth = betterAuth(options);
    const found = await auth.api.getSession({ headers: new Headers({ cookie: ada.cookie }) });
    expect(found?.user.id).toBe(ada.userId);
  });

  test("a session ended by plain SQL is in the feed", async () => {
    const grace = await signUpWith(options, "grace@example.com");
    await own.pool.query("DELETE FROM session WHERE id = $1", [grace.sessionId]);
    expect((await feed()).sids).toEqual([grace.sessionId]);
  });

  test.each([
    ["a role", "role = 'admin'"],
    ["a ban", "banned = true"],
  ])("%s written by plain SQL raises the user's version", async (_, change) => {
    const person = await signUpWith(options, `${Math.random()}@example.com`);
    await own.pool.query(`UPDATE "user" SET ${change} WHERE id = $1`, [person.userId]);
    expect((await feed()).subs).toContain(person.userId);
  });

  test("nobody but the owner may execute a function", async () => {
    const { rows } = await own.pool.query(
      `SELECT proname FROM pg_proc, aclexplode(coalesce(proacl, acldefault('f', proowner))) g
       WHERE pronamespace = $1::regnamespace AND g.grantee = 0`,
      [SCHEMA],
    );
    expect(rows).toEqual([]);
  });

  test.each([
    ["dropped", "DROP TRIGGER revocation_session_deleted ON session"],
    ["disabled", "ALTER TABLE session DISABLE TRIGGER revocation_session_deleted"],
  ])("a trigger that was %s is told and put back", async (_, damage) => {
    await own.pool.query(damage);
    const { rows } = await own.pool.query(`SELECT * FROM ${SCHEMA}.missing_revocation_triggers() AS name`);
    expect(rows).toEqual([{ name: "session.revocation_session_deleted" }]);
    expect(await migrate(new Database(own.pool), wanted)).toHaveLength(1);
    expect((await own.pool.query(`SELECT * FROM ${SCHEMA}.missing_revocation_triggers()`)).rows).toEqual([]);
  });

  test("a function that was altered is put back", async () => {
    const name = `${SCHEMA}.revocation_session_deleted()`;
    await own.pool.query(
      `CREATE OR REPLACE FUNCTION ${name} RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'`,
    );
    expect((await migrate(new Database(own.pool), wanted)).map(({ title }) => title)).toEqual([
      `replace function "${SCHEMA}".revocation_session_deleted`,
    ]);
  });

  test("the styles of a connection alter nothing", async () => {
    const styled = new Pool({
      connectionString: own.url,
      options: "-c intervalstyle=iso_8601 -c quote_all_identifiers=on -c datestyle=German",
    });
    const { rows } = await styled.query(`SELECT * FROM ${SCHEMA}.missing_revocation_triggers()`);
    expect(rows).toEqual([]);
    expect(await migrate(new Database(styled), wanted)).toEqual([]);
    await styled.end();
  });

  test("a migration takes the time that it needs, whatever the limits of a connection", async () => {
    const impatient = new Pool({
      connectionString: own.url,
      query_timeout: 100,
      options: "-c statement_timeout=100 -c lock_timeout=100",
    });
    await own.pool.query("DROP TRIGGER revocation_session_deleted ON session");
    const holder = await own.pool.connect();
    await holder.query("BEGIN; LOCK TABLE session");
    const migrated = migrate(new Database(impatient), wanted);
    await vi.waitFor(
      async () => {
        const { rows } = await own.pool.query(
          "SELECT FROM pg_locks WHERE NOT granted AND relation = 'session'::regclass AND now() - waitstart > '0.3 s'",
        );
        expect(rows).toHaveLength(1);
      },
      { timeout: 15_000 },
    );
    await holder.query("COMMIT");
    holder.release();
    expect(await migrated).toHaveLength(1);
    await impatient.end();
  });

  test("the password of a user is found by the index", async () => {
    const client = await own.pool.connect();
    const scans = async () => {
      const { rows } = await client.query<Record<"every" | "indexed", number>>(
        `SELECT seq_scan::int AS every, idx_scan::int AS indexed FROM pg_stat_xact_user_tables
         WHERE relid = 'account'::regclass`,
      );
      return rows[0] ?? { every: 0, indexed: 0 };
    };
    await client.query('BEGIN; SET LOCAL enable_seqscan = off; CREATE INDEX ON account ("userId")');
    const earlier = await scans();
    await client.query(`SELECT ${SCHEMA}.revocation_password_stands($1, 'x')`, [ada.userId]);
    expect(await scans()).toEqual({ every: earlier.every, indexed: earlier.indexed + 1 });
    await client.query("ROLLBACK");
    client.release();
  });

  test("of two who were shown the same plan, the second has nothing to do", async () => {
    await own.pool.query("DROP TRIGGER revocation_session_deleted ON session");
    const database = new Database(own.pool);
    const shown = await plan(database, wanted);
    const both = await Promise.all([1, 2].map(() => migrate(database, wanted, { shown })));
    expect(both.map(({ length }) => length).sort()).toEqual([0, 1]);
  });

  test("a sign-up that is under way is completed while the triggers are made", async () => {
    await own.pool.query(
      'DROP TRIGGER revocation_session_opening ON session; DROP TRIGGER revocation_user_changed ON "user"',
    );
    const signUp = await own.pool.connect();
    await signUp.query('BEGIN; LOCK TABLE "user" IN ROW EXCLUSIVE MODE');
    const migrated = migrate(new Database(own.pool), wanted);
    await vi.waitFor(
      async () => {
        const { rows } = await own.pool.query(
          `SELECT FROM pg_locks WHERE NOT granted AND relation = '"user"'::regclass`,
        );
        expect(rows).toHaveLength(1);
      },
      { timeout: 15_000 },
    );
    await signUp.query("LOCK TABLE session IN ROW EXCLUSIVE MODE NOWAIT; COMMIT");
    signUp.release();
    expect(await migrated).toHaveLength(2);
  });

  describe("a table that is renamed", () => {
    const renamed = () => ({
      ...wanted,
      tables: { ...wanted.tables, session: { ...wanted.tables.session, name: "sessions" } },
    });
    beforeEach(async () => {
      await own.pool.query("ALTER TABLE session RENAME TO sessions");
    });
    afterEach(async () => {
      await own.pool.query("ALTER TABLE sessions RENAME TO session");
      await migrate(new Database(own.pool), wanted);
    });

    test("is followed by the next migration", async () => {
      const database = new Database(own.pool);
      await migrate(database, renamed());
      expect(await migrate(database, renamed())).toEqual([]);
      const { rows } = await own.pool.query(`SELECT * FROM ${SCHEMA}.missing_revocation_triggers()`);
      expect(rows).toEqual([]);
    });

    test("is freed by an uninstall", async () => {
      await uninstall(new Database(own.pool), SCHEMA);
      const { rows } = await own.pool.query("SELECT FROM pg_trigger WHERE tgname LIKE 'revocation%'");
      expect(rows).toEqual([]);
    });
  });

  test("a shorter life of the tokens keeps revocations as long as before, a longer one longer", async () => {
    const database = new Database(own.pool);
    const kept = async () => Number((await feed()).max_token_life);
    await migrate(database, { ...wanted, tokenLifetime: 60 });
    expect(await kept()).toBe(30 * 86_400 + 3600);
    await migrate(database, { ...wanted, tokenLifetime: 60 * 86_400 });
    expect(await kept()).toBe(60 * 86_400 + 3600);
  });

  test("an uninstall leaves the database as it was", async () => {
    const database = new Database(own.pool);
    expect((await planUninstall(database, SCHEMA)).length).toBeGreaterThan(20);
    await uninstall(database, SCHEMA);
    expect(await catalogOf(own.pool)).toEqual(before);
    await expect(uninstall(database, SCHEMA)).rejects.toThrow("nothing is installed");
  });
});
