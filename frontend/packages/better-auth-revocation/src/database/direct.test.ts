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
