import { once } from "node:events";
import type { RequestListener, Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { createListener } from "#server/http/listener.ts";

const LIMITS = { headers: 150, request: 300, keepAlive: 150, idle: 150, checkEvery: 25 };

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** A connection to a server of its own that has sent `bytes`. */
async function connected(
  bytes: string,
  handle: RequestListener = (_, response) => response.end("ok"),
  limits = LIMITS,
) {
  server = createListener(handle, limits);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  await once(socket, "connect");
  socket.on("error", () => undefined);
  if (bytes) socket.write(bytes);
  return socket;
}

/** Everything that a connection received until the server closed it. */
async function untilClosed(socket: Socket): Promise<string> {
  let received = "";
  socket.on("data", (chunk) => {
    received += chunk;
  });
  if (!socket.closed) await new Promise((resolve) => socket.once("close", resolve));
  return received;
}

const REQUEST = "GET / HTTP/1.1\r\nHost: a\r\n";

test.each([
  ["sends nothing", ""],
  ["sends half a header", REQUEST],
  ["sends half a body", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf"],
  ["is kept alive for nothing", `${REQUEST}\r\n`],
  ["asks for an upgrade", `${REQUEST}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`],
])("a connection that %s is closed", async (_, bytes) => {
  await untilClosed(await connected(bytes));
});

test("an upload to the API takes the time that it takes, and is closed once it stands still", async () => {
  const socket = await connected(
    "POST /api/backend/files HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\n",
    (request) => request.resume(),
    { ...LIMITS, idle: 1_000 },
  );
  const started = performance.now();
  const trickle = setInterval(() => socket.write("."), 50);
  setTimeout(() => clearInterval(trickle), 3 * LIMITS.request);
  await untilClosed(socket);
  expect(performance.now() - started).toBeGreaterThan(3 * LIMITS.request);
});

test("a body that trickles in anywhere else is cut", async () => {
  const socket = await connected("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\n");
  const trickle = setInterval(() => socket.write("."), 50);
  await untilClosed(socket);
  clearInterval(trickle);
});

test("a connection whose client stops reading is closed", async () => {
  const closed = new Promise<string>((resolve) => {
    void connected(`${REQUEST}\r\n`, (request, response) => {
      request.socket.once("close", () => resolve("closed"));
      response.end(Buffer.alloc(64 << 20));
    }).then((socket) => socket.pause());
  });
  expect(await closed).toBe("closed");
});

test("an event stream that is silent for longer than any bound is not cut", async () => {
  const socket = await connected(`${REQUEST}Connection: close\r\n\r\n`, (_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" }).write("data: first\n\n");
    setTimeout(() => response.end("data: last\n\n"), 3 * LIMITS.request);
  });
  expect(await untilClosed(socket)).toContain("data: last");
});

test.each(["TRACE", "PROPFIND", "REPORT"])("%s is refused before the application", async (method) => {
  const socket = await connected(`${method} / HTTP/1.1\r\nHost: a\r\n\r\n`, () => {
    throw new Error("it got through");
  });
  const answer = await untilClosed(socket);
  expect(answer).toMatch(/^HTTP\/1.1 405 /);
  expect(answer).toContain("Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
  expect(answer).toContain('"code":"method_not_allowed"');
});
