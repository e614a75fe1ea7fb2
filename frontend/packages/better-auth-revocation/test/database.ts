import { randomUUID } from "node:crypto";
import { Client, Pool } from "pg";
import { afterAll, beforeAll, inject } from "vitest";

export interface OwnDatabase {
  /** As the owner, an ordinary role: no superuser, no CREATEROLE. */
  url: string;
  superuser: string;
  pool: Pool;
  name: string;
}

/** An empty database for the calling test file. Filled in before its first test. On another server than the one that
 * all tests share, when PACKAGE_TEST_POSTGRES has its superuser's address. */
export function ownDatabase(): OwnDatabase {
  const name = `plugin_${randomUUID().replaceAll("-", "")}`;
  const superuser = new URL(
    (process.env["PACKAGE_TEST_POSTGRES"] ?? inject("postgres").superuser).replace("@/", "@localhost/"),
  );
  const address = (user: string, database: string) => {
    const host = superuser.searchParams.get("host");
    return `postgresql://${user}@/${database}?host=${host}`;
  };
  const own = { name, url: address(name, name), superuser: address("postgres", name) } as OwnDatabase;
  const administer = async (...statements: string[]) => {
    const client = new Client({ connectionString: address("postgres", "postgres") });
    await client.connect();
    for (const statement of statements) await client.query(statement);
    await client.end();
  };
  beforeAll(async () => {
    await administer(`CREATE ROLE ${name} LOGIN`, `CREATE DATABASE ${name} OWNER ${name}`);
    own.pool = new Pool({ connectionString: own.url });
    own.pool.on("error", () => undefined);
  });
  afterAll(async () => {
    await own.pool.end();
    await administer(`DROP DATABASE ${name} WITH (FORCE)`, `DROP ROLE ${name}`);
  });
  return own;
}
