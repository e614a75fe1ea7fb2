import { once } from "node:events";
import { type AddressInfo, createConnection, createServer, type Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { database } from "#server/database.ts";
import { env } from "#server/env.ts";
import { testDatabase } from "../../test/database.ts";

const stage = testDatabase();

const answer = async () => (await database().query("SELECT 1 AS one")).rows[0];

describe("a server that cuts its connections", () => {
  test("costs an idle connection, which is replaced", async () => {
    await answer();
    await stage.unreachableWhile(async () => expect(answer()).rejects.toThrow());
    expect(await answer()).toEqual({ one: 1 });
  });

  test("in the middle of a transaction fails that, and not the process", async () => {
    const client = await database().connect();
    await client.query("BEGIN");
    const cut = new Promise((resolve) => client.once("end", () => resolve(undefined)));
    await stage.unreachableWhile(() => cut);
    await expect(client.query("COMMIT")).rejects.toThrow();
    client.release(true);
    expect(await answer()).toEqual({ one: 1 });
  });
});

describe("a server that is still starting", () => {
  /** A way to the database that breaks the first `broken` connections off. */
  async function slowStart(broken: number): Promise<string> {
    const url = new URL(env().DATABASE_URL.replace("@/", "@socket/"));
    const server = createServer((socket: Socket) => {
      if (broken-- > 0) {
        socket.destroy();
        return;
      }
      const postgres = createConnection(`${url.searchParams.get("host")}/.s.PGSQL.5432`);
      postgres.on("error", () => socket.destroy());
      socket.on("error", () => postgres.destroy());
      socket.pipe(postgres).pipe(socket);
    });
    server.listen(0, "127.0.0.1").unref();
    await once(server, "listening");
    return `postgresql://idp@127.0.0.1:${(server.address() as AddressInfo).port}${url.pathname}`;
  }

  test.each(["a query", "a transaction"])("is waited for by %s", async (kind) => {
    await database().end();
    globalThis.databasePool = undefined;
    const direct = env().DATABASE_URL;
    env().DATABASE_URL = await slowStart(2);
    try {
      if (kind === "a query") expect(await answer()).toEqual({ one: 1 });
      else (await database().connect()).release();
    } finally {
      await database().end();
      env().DATABASE_URL = direct;
      globalThis.databasePool = undefined;
    }
  });
});
