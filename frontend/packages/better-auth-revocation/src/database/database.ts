import { Pool, type PoolClient } from "pg";
import type { Sql } from "./sql.ts";

/** Where the plugin's own statements go: a Postgres address, or a pool of node-postgres that is there already. */
export type DatabaseOption = string | Pool;

/** Better Auth's own pool, if its `database` is one: of this copy of node-postgres, or of another. */
export function poolOf(database: unknown): Pool | undefined {
  if (database instanceof Pool) return database;
  const { connect, query, totalCount } = Object(database) as Partial<Pool>;
  return connect && query && typeof totalCount === "number" ? (database as Pool) : undefined;
}

const CONNECT_TIMEOUT = 5_000;
const QUERY_TIMEOUT = 10_000;
const CONNECTIONS = 5;

/** The plugin's access to Postgres. Opens nothing before the first statement. */
export class Database implements Sql {
  readonly #given: DatabaseOption;
  #pool: Pool | undefined;

  constructor(given: DatabaseOption) {
    this.#given = given;
  }

  get pool(): Pool {
    this.#pool ??= typeof this.#given === "string" ? openPool(this.#given) : this.#given;
    return this.#pool;
  }

  async query<Row>(text: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.pool.query(text, values)).rows;
  }

  /** Runs `work` on one connection, which is given back afterwards, and closed when it failed. */
  async onConnection<T>(work: (connection: Sql, client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.pool.connect();
    try {
      const result = await work(
        { query: async (text, values = []) => (await client.query(text, values)).rows },
        client,
      );
      client.release();
      return result;
    } catch (error) {
      client.release(true);
      throw error;
    }
  }

  /** Runs `work` in a transaction, which is rolled back when it throws. */
  transaction<T>(work: (transaction: Sql) => Promise<T>): Promise<T> {
    return this.onConnection(async (connection) => {
      await connection.query("BEGIN");
      const result = await work(connection);
      await connection.query("COMMIT");
      return result;
    });
  }

  /** Closes what was opened here; a pool that was given stays open. */
  async end(): Promise<void> {
    if (typeof this.#given === "string") await this.#pool?.end();
    this.#pool = undefined;
  }
}

function openPool(connectionString: string): Pool {
  const pool = new Pool({
    connectionString,
    application_name: "better-auth-revocation",
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT,
    query_timeout: QUERY_TIMEOUT,
    keepAlive: true,
  });
  // A connection that the server cuts is replaced on next use. Without a listener it would end the process.
  pool.on("error", () => undefined);
  return pool;
}
