import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect, createServer as createSocket } from "node:net";
import { text } from "node:stream/consumers";
import { Worker } from "node:worker_threads";
import { afterEach, expect, test } from "vitest";
import { finishAndClose } from "#server/http/finish.ts";
import { listen } from "#server/http/listen.ts";

const ANYWHERE = { port: 0, host: "127.0.0.1", backlog: 511 };
const CROWD = 64;
const ends: (() => Promise<unknown>)[] = [];
afterEach(() => Promise.all(ends.splice(0).map((end) => end())));

async function listening() {
  const server = createServer((_, response) => response.end("here"));
  const listens = await listen(server, ANYWHERE);
  ends.push(() => finishAndClose(server, listens));
  return { server, listens, port: portOf(server) };
}

const portOf = (server: Server) => (server.address() as AddressInfo).port;

/** Opens connections while this thread is busy, and resolves when the system holds them all. */
async function crowd(port: number): Promise<void> {
  const arrive = `
    const { connect } = require("node:net");
    const { workerData: { port, many }, parentPort } = require("node:worker_threads");
    let there = 0;
    for (let i = 0; i < many; i++)
      connect(port, "127.0.0.1").on("error", () => undefined).on("connect", () => ++there === many && parentPort.postMessage("there"));
    setInterval(() => undefined, 1_000);`;
  const worker = new Worker(arrive, { eval: true, workerData: { port, many: CROWD } });
  ends.unshift(() => worker.terminate());
  await once(worker, "message");
}

test("a crowd is accepted in a few turns of the event loop, not one connection in each", async () => {
  const { server, port } = await listening();
  let accepted = 0;
  server.on("connection", () => accepted++);
  let turns = 0;
  const turn = () => {
    const end = performance.now() + 10;
    while (performance.now() < end);
    if (accepted > 0) turns++;
    if (accepted < CROWD) setImmediate(turn);
  };
  setImmediate(turn);
  await crowd(port);
  while (accepted < CROWD) await new Promise((resolve) => setImmediate(resolve));
  expect(turns).toBeLessThan(CROWD / 2);
});

test("every connection is answered, by whichever socket it came", async () => {
  const { port } = await listening();
  const answers = await Promise.all(
    Array.from({ length: CROWD }, () => {
      const socket = connect(port, "127.0.0.1");
      socket.end("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
      return text(socket);
    }),
  );
  expect(answers.filter((answer) => answer.endsWith("here"))).toHaveLength(CROWD);
});

test("nothing is accepted once it closes", async () => {
  const { server, listens, port } = await listening();
  await finishAndClose(server, listens);
  ends.splice(0);
  for (let i = 0; i < CROWD; i++) {
    const [error] = await once(connect(port, "127.0.0.1"), "error");
    expect(error.code).toBe("ECONNREFUSED");
  }
});

test("a port on which another process listens is refused, shared or not", async () => {
  const plain = createSocket().listen(ANYWHERE);
  await once(plain, "listening");
  ends.push(() => new Promise((resolve) => plain.close(resolve)));
  const { port } = await listening();
  for (const taken of [(plain.address() as AddressInfo).port, port])
    await expect(listen(createServer(), { ...ANYWHERE, port: taken })).rejects.toMatchObject({
      code: "EADDRINUSE",
    });
});
