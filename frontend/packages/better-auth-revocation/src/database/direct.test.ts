import { Pool } from "pg";
import { expect, test } from "vitest";
import { ownDatabase } from "../../test/database.ts";
import { startPooler } from "../../test/pgbouncer.ts";
import { Database } from "./database.ts";
import { assertDirect } from "./direct.ts";

const own = ownDatabase();

async function check(url: string): Promise<void> {
  const database = new Database(url);
  await assertDirect(database).finally(() => database.end());
}

test("a direct address is taken", async () => {
  await expect(check(own.url)).resolves.toBeUndefined();
});

test.each([1, 2, 3])(
  "a pool of %i connections that are all in use is asked without one of them",
  async (max) => {
    const pool = new Pool({ connectionString: own.url, max });
    const taken = await Promise.all(Array.from({ length: max }, () => pool.connect()));
    await expect(assertDirect(new Database(pool))).resolves.toBeUndefined();
    for (const client of taken) client.release();
    await pool.end();
  },
);

test("an address of a transaction pooler is refused with the remedy", async () => {
  const pooler = await startPooler(own.url, "transaction");
  await expect(check(pooler.url)).rejects.toThrow("give the direct address");
  // With several connections of the server's to choose from, too.
  const others = new Database(pooler.url);
  await Promise.all(Array.from({ length: 4 }, () => others.query("SELECT pg_sleep(0.05)")));
  await expect(check(pooler.url)).rejects.toThrow("give the direct address");
  await others.end();
  await pooler.close();
});

test("an address of a session pooler, where LISTEN works, is taken", async () => {
  const pooler = await startPooler(own.url, "session");
  await expect(check(pooler.url)).resolves.toBeUndefined();
  await pooler.close();
});
