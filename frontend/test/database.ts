import { randomUUID } from "node:crypto";
import { Client } from "pg";
import { afterAll, beforeAll, inject } from "vitest";
import { database } from "#server/database.ts";

export interface TestDatabase {
  /** Runs `work` while the server takes no connections to this database, and has cut those there were. */
  unreachableWhile<T>(work: () => Promise<T>): Promise<T>;
}

/** Gives the calling test file a migrated database of its own, as DATABASE_URL. */
export function testDatabase(): TestDatabase {
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  const { owner, superuser } = inject("postgres");

  const administer = async (...statements: string[]) => {
    const client = new Client({ connectionString: superuser });
    await client.connect();
    for (const statement of statements) await client.query(statement);
    await client.end();
  };

  beforeAll(async () => {
    await administer(
      `CREATE DATABASE ${name} TEMPLATE app OWNER idp`,
      `ALTER ROLE idp IN DATABASE ${name} SET search_path = auth`,
    );
    process.env["DATABASE_URL"] = owner.replace("/app?", `/${name}?`);
  });
  afterAll(async () => {
    await database().end();
    await administer(`DROP DATABASE ${name} WITH (FORCE)`);
  });

  return {
    async unreachableWhile(work) {
      await administer(
        `ALTER DATABASE ${name} ALLOW_CONNECTIONS false`,
        // Waits until each has ended: a connection that dies later would be an outage after the outage.
        `SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '${name}'`,
      );
      try {
        return await work();
      } finally {
        await administer(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
      }
    },
  };
}

/** The first row that `statement` gives. */
export async function queryRow<Row extends object>(statement: string, values: unknown[] = []): Promise<Row> {
  const [row] = (await database().query<Row>(statement, values)).rows;
  if (!row) throw new Error(`no row: ${statement}`);
  return row;
}
