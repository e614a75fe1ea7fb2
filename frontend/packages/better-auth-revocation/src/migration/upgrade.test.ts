import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "pg";
import { beforeAll, expect, test } from "vitest";
import { ownDatabase } from "../../test/database.ts";
import { inspectDatabase, installationScript, migrateDatabase, standardTables } from "../migration.ts";

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

/** What an earlier version has installed, with somebody signed out. The second is of this repository's application, before it
 * did so by this package. */
async function formerDatabase(version: number): Promise<void> {
  await own.pool.query("DROP SCHEMA IF EXISTS auth CASCADE");
  for (const file of [
    "shared_fixtures/auth_schema.sql",
    `resource_server/tests/revocation/databases/version_${version}.sql`,
  ]) {
    await own.pool.query(await readFile(join(BACKEND, file), "utf8"));
  }
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

const AFTERWARDS = [{ sids: ["s1"], subs: ["u1"], sub_min_vers: ["1"], others: [], version: 4, missing: [] }];

const current = { current: true, damaged: [], tokenLifetime: 31 * 86_400 };

test.each([
  [2, "upgrade the tables of version 2"],
  [3, 'create table "auth".revocation_renewal'],
])("version %i is upgraded by the migration, which then has nothing more to do", async (version, first) => {
  await formerDatabase(version);
  expect((await migrateDatabase(own.url, wanted))[0]).toBe(first);
  expect(await state()).toEqual(AFTERWARDS);
  expect(await migrateDatabase(own.url, wanted)).toEqual([]);
  expect(await inspectDatabase(own.url, wanted)).toEqual(current);
});

test.each([2, 3])(
  "the script does the same over version %i, and the migration finds it done",
  async (version) => {
    await formerDatabase(version);
    const script = installationScript(wanted);
    for (let times = 0; times < 2; times++) await own.pool.query(`BEGIN; ${script} COMMIT`);
    expect(await state()).toEqual(AFTERWARDS);
    expect(await migrateDatabase(own.url, wanted)).toEqual([]);
  },
);
