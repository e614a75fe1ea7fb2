import { setTimeout as sleep } from "node:timers/promises";
import { Pool, type PoolClient } from "pg";
import { env } from "#lib/env.ts";

const CONNECT_ATTEMPTS = 5;
const FIRST_PAUSE = 200;

// Starting up, shutting down, out of connections; or no answer at all from the network.
const TRANSIENT = new Set([
  "57P03",
  "57P01",
  "53300",
  "08006",
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOENT",
  "EAI_AGAIN",
]);

const isTransient = (error: unknown) =>
  error instanceof Error &&
  (TRANSIENT.has(String((error as NodeJS.ErrnoException).code)) || /timeout|terminated/i.test(error.message));

/** A pool that rides out a database's cold start: connecting is tried again for about three seconds. */
class PatientPool extends Pool {
  override connect(): Promise<PoolClient>;
  override connect(callback: Parameters<Pool["connect"]>[0]): void;
  override connect(callback?: Parameters<Pool["connect"]>[0]): Promise<PoolClient> | undefined {
    if (callback) {
      super.connect(callback);
      return;
    }
    return this.#connectPatiently();
  }

  async #connectPatiently(): Promise<PoolClient> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await super.connect();
      } catch (error) {
        if (attempt === CONNECT_ATTEMPTS || !isTransient(error)) throw error;
        await sleep(FIRST_PAUSE * 2 ** (attempt - 1) * (0.5 + Math.random() / 2));
      }
    }
  }
}

declare global {
  var databasePool: Pool | undefined;
}

/** The identity provider's connection pool, opened on first use and shared across hot reloads. */
export function database(): Pool {
  globalThis.databasePool ??= createPool(env().DATABASE_URL);
  return globalThis.databasePool;
}

function createPool(connectionString: string): Pool {
  const pool = new PatientPool({
    connectionString,
    application_name: "identity-provider",
    max: 20,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
    query_timeout: 10_000,
    keepAlive: true,
  });
  // An idle connection that the server closes is replaced on next use; unheard, it would end the process.
  pool.on("error", () => undefined);
  return pool;
}
