import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ownDatabase } from "../../test/database.ts";
import { Database } from "../database/database.ts";
import { inspectDatabase, installationScript, migrateDatabase, standardTables } from "../migration.ts";
import { uninstall } from "./migrate.ts";

const BACKEND = join(import.meta.dirname, "../../../../../backend");
const wanted = { schema: "auth", tables: standardTables("auth"), tokenLifetime: 31 * 86_400 };
const own = ownDatabase();

/** The role of the readers, which a server of its own does not have. */
beforeAll(async () => {
  const administrator = new Client({ connectionString: own.superuser });
  await administrator.connect();
  await administrator.query(
    "DO $$ BEGIN CREATE ROLE api LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$",
  );
  await administrator.end();
});

const run = async (file: string) => own.pool.query(await readFile(join(BACKEND, file), "utf8"));

/** Better Auth's tables, with nothing in them. */
async function emptyDatabase(): Promise<void> {
  await own.pool.query("DROP SCHEMA IF EXISTS auth CASCADE");
  await run("shared_fixtures/auth_schema.sql");
}

/** What an earlier version has installed, with somebody signed out. The second is of this repository's application, before it
 * did so by this package. */
async function formerDatabase(version: number): Promise<void> {
  await emptyDatabase();
  await run(`resource_server/tests/revocation/databases/version_${version}.sql`);
  await own.pool.query(
    `INSERT INTO auth."user" (id, name, email, "emailVerified") VALUES ('u1', 'Ada', 'ada@example.com', true);
     INSERT INTO auth.session (id, "expiresAt", token, "updatedAt", "userId")
       VALUES ('s1', now() + interval '1 day', 't1', now(), 'u1');
     DELETE FROM auth.session; SELECT auth.revoke_user('u1')`,
  );
}

const state = async () =>
  (
    await own.pool.query(
      "SELECT sids, subs, sub_min_vers, others, version, ARRAY(SELECT auth.missing_revocation_triggers()) AS missing FROM auth.revocation_page(NULL)",
    )
  ).rows;

const AFTERWARDS = [{ sids: ["s1"], subs: ["u1"], sub_min_vers: ["1"], others: [], version: 5, missing: [] }];

const current = { current: true, damaged: [], tokenLifetime: 31 * 86_400 };

test.each([2, 3, 4])(
  "version %i is upgraded by the migration, which then has nothing more to do",
  async (version) => {
    await formerDatabase(version);
    expect((await migrateDatabase(own.url, wanted))[0]).toBe(`upgrade the tables of version ${version}`);
    expect(await state()).toEqual(AFTERWARDS);
    expect(await migrateDatabase(own.url, wanted)).toEqual([]);
    expect(await inspectDatabase(own.url, wanted)).toEqual(current);
  },
);

test.each([2, 3, 4])(
  "the script does the same over version %i, and the migration finds it done",
  async (version) => {
    await formerDatabase(version);
    const script = installationScript(wanted);
    for (let times = 0; times < 2; times++) await own.pool.query(`BEGIN; ${script} COMMIT`);
    expect(await state()).toEqual(AFTERWARDS);
    expect(await migrateDatabase(own.url, wanted)).toEqual([]);
  },
);

/** Columns, constraints and indexes of the package's tables. Added columns come last, so their order is left out. */
const shapes = async () => {
  const { rows } = await own.pool.query<{ line: string }>(
    `SELECT concat_ws(' ', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
            pg_get_expr(d.adbin, d.adrelid)) AS line
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
     WHERE c.relnamespace = 'auth'::regnamespace AND c.relkind = 'r' AND c.relname LIKE 'revocation%'
     UNION ALL SELECT pg_get_indexdef(indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
     WHERE c.relnamespace = 'auth'::regnamespace AND c.relname LIKE 'revocation%'
     UNION ALL SELECT concat_ws(' ', conname, pg_get_constraintdef(k.oid)) FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
     WHERE c.relnamespace = 'auth'::regnamespace AND c.relname LIKE 'revocation%'`,
  );
  return rows.map(({ line }) => line).sort();
};

test.each([2, 3, 4])(
  "version %i has the tables and indexes of a new installation afterwards",
  async (version) => {
    await formerDatabase(version);
    await migrateDatabase(own.url, wanted);
    const upgraded = await shapes();
    await emptyDatabase();
    await migrateDatabase(own.url, wanted);
    expect(upgraded).toEqual(await shapes());
  },
);

test("a function of somebody else's is not replaced", async () => {
  await emptyDatabase();
  await own.pool.query("CREATE FUNCTION auth.revoke_user(text) RETURNS text LANGUAGE sql AS 'SELECT $1'");
  await expect(migrateDatabase(own.url, wanted)).rejects.toThrow(/revoke_user that is not ours/);
});

test("what kept no record is not uninstalled, and says what to do first", async () => {
  await formerDatabase(2);
  const database = new Database(own.pool);
  await expect(uninstall(database, "auth")).rejects.toThrow("version 2 kept no record of what it installed");
  await migrateDatabase(own.url, wanted);
  expect((await uninstall(database, "auth")).length).toBeGreaterThan(20);
});

test("a trigger of the application's own in the same schema stays", async () => {
  await emptyDatabase();
  await migrateDatabase(own.url, wanted);
  await own.pool.query(
    `CREATE FUNCTION auth.remark() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
     CREATE TRIGGER remark AFTER DELETE ON auth.session EXECUTE FUNCTION auth.remark()`,
  );
  expect(await inspectDatabase(own.url, wanted)).toEqual(current);
  expect(await migrateDatabase(own.url, wanted)).toEqual([]);
});

test("a renewal of before keeps its minute", async () => {
  await formerDatabase(4);
  await own.pool.query(
    `INSERT INTO auth.revocation_renewal (jti, sid, successor, issued_at, expires_at)
     VALUES ('t1', 's1', 't2', now() - interval '50 seconds', now() + interval '1 day')`,
  );
  await migrateDatabase(own.url, wanted);
  const { rows } = await own.pool.query("SELECT renewed_at = issued_at AS same FROM auth.revocation_renewal");
  expect(rows).toEqual([{ same: true }]);
});

test("a table that was changed by hand stops the upgrade, which has done nothing then", async () => {
  await formerDatabase(4);
  await own.pool.query("ALTER TABLE auth.revocation_lock ADD COLUMN remark text");
  await expect(migrateDatabase(own.url, wanted)).rejects.toThrow(/revocation_lock was changed by hand/);
  expect((await state())[0]?.version).toBe(4);
});

describe("a later version", () => {
  beforeEach(async () => {
    await formerDatabase(4);
    await migrateDatabase(own.url, wanted, "api");
    await own.pool.query("UPDATE auth.revocation_installation SET version = version + 1");
  });

  test("serves this one, whose migration leaves it alone", async () => {
    await own.pool.query("GRANT EXECUTE ON FUNCTION auth.revocation_epoch() TO api");
    expect(await inspectDatabase(own.url, wanted)).toEqual(current);
    expect(await migrateDatabase(own.url, wanted, "api")).toEqual([]);
    const { rows } = await own.pool.query(
      "SELECT has_function_privilege('api', 'auth.revocation_epoch()', 'EXECUTE') AS kept",
    );
    expect([rows, (await state())[0]?.version]).toEqual([[{ kept: true }], 6]);
  });

  test("is not undone by the script of this one", async () => {
    await expect(own.pool.query(installationScript(wanted))).rejects.toThrow(
      "revocation objects of version 6 are installed, and this script has version 5",
    );
    expect((await state())[0]?.version).toBe(6);
  });

  test("is not repaired by this one, which says so", async () => {
    await own.pool.query("DROP TRIGGER revocation_session_deleted ON auth.session");
    await expect(migrateDatabase(own.url, wanted)).rejects.toThrow(
      /session\.revocation_session_deleted\) and have version 6, which this package \(version 5\) can't repair/,
    );
  });
});

describe("a restore elsewhere", () => {
  const damagedAfter = async (...statements: string[]): Promise<string[]> => {
    const client = new Client({ connectionString: own.superuser });
    await client.connect();
    try {
      for (const one of ["BEGIN", "CREATE ROLE another_owner", ...statements]) await client.query(one);
      const { rows } = await client.query<{ name: string }>(
        "SELECT name FROM auth.missing_revocation_triggers() name",
      );
      return rows.map(({ name }) => name);
    } finally {
      await client.end();
    }
  };

  beforeEach(async () => {
    await formerDatabase(4);
    await migrateDatabase(own.url, wanted);
  });

  test("can give everything to another owner", async () => {
    expect(await damagedAfter(`REASSIGN OWNED BY ${own.name} TO another_owner`)).toEqual([]);
  });

  test("that gives a function to somebody else than the tables is told", async () => {
    expect(await damagedAfter("ALTER FUNCTION auth.revocation_raise(text[]) OWNER TO another_owner")).toEqual(
      ["revocation_raise()"],
    );
  });
});
