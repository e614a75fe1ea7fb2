import { betterAuth } from "better-auth";
import { admin } from "better-auth/plugins";
import { decodeJwt } from "jose";
import { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stockOptions } from "../../test/applications.ts";
import { ownDatabase } from "../../test/database.ts";
import { Caller, install } from "../../test/installed.ts";
import { revocableJwt } from "./revocable-jwt.ts";

const own = ownDatabase();
const other = ownDatabase();
const plugins = () => [admin(), ...revocableJwt({ audience: "https://api.example.com", lifetime: 3_600 })];
const application = (shared: ReturnType<typeof plugins>, database: Pool) =>
  betterAuth({ ...stockOptions, database, plugins: shared });

const opened: Pool[] = [];
const poolTo = (connectionString: string) => {
  const pool = new Pool({ connectionString });
  opened.push(pool);
  return pool;
};

beforeAll(async () => {
  await install(application(plugins(), own.pool).options, own.url);
});
afterAll(() => Promise.all(opened.map((pool) => pool.end())));

describe("plugins that two betterAuth() share", () => {
  test("are refused over another database, and go on telling the roles of the first", async () => {
    const shared = plugins();
    const first = application(shared, own.pool);
    const caller = new Caller(first);
    await caller.signUp("ada@example.com");
    const second = application(shared, other.pool);
    await expect(second.$context).rejects.toThrow("call revocableJwt() once for each betterAuth()");
    expect(decodeJwt(await caller.token())).toMatchObject({ roles: ["user"] });
  });

  test("are refused over another database though the plugin's own address is the same", async () => {
    const shared = revocableJwt({ audience: "https://api.example.com", database: own.url });
    const over = (database: Pool) => betterAuth({ ...stockOptions, database, plugins: [...shared] });
    await over(own.pool).$context;
    await expect(over(other.pool).$context).rejects.toThrow("call revocableJwt() once for each betterAuth()");
  });

  test("are accepted over the same pool, and over a new one to the same place", async () => {
    const shared = plugins();
    await application(shared, own.pool).$context;
    await application(shared, own.pool).$context;
    const caller = new Caller(application(shared, poolTo(own.url)));
    await caller.signUp("grace@example.com");
    expect(decodeJwt(await caller.token())).toMatchObject({ roles: ["user"] });
  });

  test("are refused by a pool with other settings of the session, which may name another schema", async () => {
    const shared = plugins();
    await application(shared, own.pool).$context;
    const tenant = new Pool({ connectionString: own.url, options: "-c search_path=tenant" });
    opened.push(tenant);
    await expect(application(shared, tenant).$context).rejects.toThrow("call revocableJwt() once");
  });
});
