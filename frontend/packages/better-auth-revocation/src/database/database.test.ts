import { Pool } from "pg";
import { expect, test } from "vitest";
import { ownDatabase } from "../../test/database.ts";
import { Database } from "./database.ts";

const own = ownDatabase();

test("a connection of its own has the pool's password, which the pool hides", () => {
  const pool = new Pool({ host: "db.example.com", user: "ada", password: "of the pool" });
  expect(Object.keys(pool.options)).not.toContain("password");
  expect(new Database(pool).newClient()).toMatchObject({ host: "db.example.com", password: "of the pool" });
});

test("many who work alone over a pool of one connection take turns, and none waits for itself", async () => {
  const pool = new Pool({ connectionString: own.url, max: 1 });
  const [one, other] = [new Database(pool), new Database(pool)];
  let running = 0;
  let most = 0;
  const work = async () => {
    most = Math.max(most, ++running);
    await one.query("SELECT pg_sleep(0.005)");
    running -= 1;
  };
  await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 ? one : other).alone("a name", work)));
  expect(most).toBe(1);
  await pool.end();
});

test("whoever fails gives way to the next", async () => {
  const database = new Database(own.pool);
  const failed = database.alone("a name", () => Promise.reject(new Error("no")));
  const next = database.alone("a name", async () => "done");
  await expect(failed).rejects.toThrow("no");
  expect(await next).toBe("done");
});
