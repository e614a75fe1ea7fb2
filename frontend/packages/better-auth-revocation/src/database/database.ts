import { Client, type ClientBase, type ClientConfig, Pool, type PoolClient } from "pg";
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
  /** The last of those who run under a name, in this process. */
  readonly #turns = new Map<string, Promise<unknown>>();

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
      const result = await work(statementsOn(client), client);
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

  /** A connection of its own, not yet opened, to where the pool's lead. */
  newClient(settings: ClientConfig = {}): Client {
    const { options } = this.pool;
    // The pool hides its password from whoever copies its options.
    const client = new Client({ ...options, password: options.password, keepAlive: true, ...settings });
    client.on("error", () => undefined);
    return client;
  }

  /** Runs `work` on a connection of its own, which is closed afterwards. It takes none of the pool's, so that it waits for
   * nobody and nobody for it. */
  async onOwnConnection<T>(work: (connection: Sql) => Promise<T>, settings?: ClientConfig): Promise<T> {
    const client = this.newClient(settings);
    await client.connect();
    try {
      return await work(statementsOn(client));
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  /** Runs `work` while nobody else does so under this name, in this process or another. It may use the pool: the lock is held
   * on another connection, so that those who wait for it can't keep it from whoever holds it. */
  alone<T>(name: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(name) ?? Promise.resolve()).then(() => this.#locked(name, work));
    this.#turns.set(
      name,
      turn.catch(() => undefined),
    );
    return turn;
  }

  /** Closing the connection ends the transaction, and with it the lock. */
  #locked<T>(name: string, work: () => Promise<T>): Promise<T> {
    return this.onOwnConnection(async (connection) => {
      await connection.query("BEGIN");
      await connection.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [name]);
      return work();
    });
  }

  /** Closes what was opened here; a pool that was given stays open. */
  async end(): Promise<void> {
    if (typeof this.#given === "string") await this.#pool?.end();
    this.#pool = undefined;
  }
}

const statementsOn = (client: ClientBase): Sql => ({
  query: async (text, values = []) => (await client.query(text, values)).rows,
});

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
