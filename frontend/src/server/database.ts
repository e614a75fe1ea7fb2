import "server-only";
import { setTimeout as sleep } from "node:timers/promises";
import { Pool, type PoolClient, types } from "pg";
import { noteOutcomes } from "#server/commits.ts";
import { env } from "#server/env.ts";
import { noteFailure } from "#server/http/request-scope.ts";

const CONNECT_ATTEMPTS = 5;
const FIRST_PAUSE = 200;
const PATIENCE = 3_000;

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

// Better Auth adds milliseconds to a bigint column, which as a string would be joined instead.
types.setTypeParser(types.builtins.INT8, Number);

/** A pool that rides out a database's cold start: connecting is tried again for about three seconds. */
class PatientPool extends Pool {
  override connect(): Promise<PoolClient>;
  override connect(callback: Parameters<Pool["connect"]>[0]): void;
  override connect(callback?: Parameters<Pool["connect"]>[0]): Promise<PoolClient> | undefined {
    const connecting = this.#connectPatiently();
    if (!callback) return connecting;
    connecting.then(
      (client) => callback(undefined, client, client.release.bind(client)),
      (error: Error) => callback(error, undefined, () => undefined),
    );
    return undefined;
  }

  async #connectPatiently(): Promise<PoolClient> {
    const deadline = Date.now() + PATIENCE;
    for (let attempt = 1; ; attempt++) {
      try {
        return await super.connect();
      } catch (error) {
        if (attempt === CONNECT_ATTEMPTS || Date.now() > deadline || !isTransient(error)) {
          if (error instanceof Error) noteFailure(error);
          throw error;
        }
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
  // A connection that the server cuts is replaced on next use, whether it was idle or between two statements of a
  // transaction, whose next one then fails. Unheard, either would end the process.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => {
    client.on("error", () => undefined);
    noteOutcomes(client);
  });
  return pool;
}
