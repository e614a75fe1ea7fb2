import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, test } from "vitest";
import { type Find, inFrontOf, type Route } from "#server/http/front.ts";

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** The address of a server that has `routes` in front of a framework that answers 299. */
async function serve(routes: Record<string, Route>): Promise<string> {
  const find: Find = (method, path) => routes[`${method} ${path}`];
  server = createServer(
    inFrontOf((_, response) => response.writeHead(299).end(), find, "https://app.example"),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const route = (answer: Route["answer"], streams = false): Route => ({ answer, streams });

/** What comes back when `lines` are sent as they are. */
async function raw(base: string, lines: string): Promise<string> {
  const socket = connect(Number(new URL(base).port), "127.0.0.1");
  socket.write(lines);
  return text(socket);
}

/** A promise and what fulfils it. */
function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((fulfil) => {
    resolve = fulfil;
  });
  return { promise, resolve };
}

describe("a request", () => {
  test("comes to its handler as it was sent, at the configured origin", async () => {
    const base = await serve({
      "POST /api/x": route(async (request) =>
        Response.json([
          request.url,
          request.method,
          request.headers.get("x-two"),
          request.headers.get("cookie"),
          await request.text(),
        ]),
      ),
    });
    const headers = { "x-two": "b", cookie: "c=1" };
    const answer = await fetch(`${base}/api/x?q=1%202`, { method: "POST", body: "hello", headers });
    expect(await answer.json()).toEqual(["https://app.example/api/x?q=1%202", "POST", "b", "c=1", "hello"]);
  });

  test("has the headers that the server has put in the place of its own", async () => {
    const routed = inFrontOf(
      () => undefined,
      () => route(async ({ headers }) => new Response(headers.get("x-client-ip"))),
      "https://app.example",
    );
    server = createServer((request, response) => {
      request.headers["x-client-ip"] = "192.0.2.1";
      routed(request, response);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const answer = await fetch(`http://127.0.0.1:${port}/x`, { headers: { "x-client-ip": "203.0.113.9" } });
    expect(await answer.text()).toBe("192.0.2.1");
  });

  test("that is written otherwise, or that nobody in front knows, goes to the framework", async () => {
    const base = await serve({ "GET /api/x": route(async () => new Response("front")) });
    const status = async (path: string, method = "GET") => (await fetch(base + path, { method })).status;
    expect(await status("/api/x")).toBe(200);
    for (const path of ["/api/%78", "/api//x", "/api/x/", "/api/y", "/", "/api/.x"]) {
      expect([path, await status(path)]).toEqual([path, 299]);
    }
    expect(await status("/api/x", "DELETE")).toBe(299);
  });

  test("whose client leaves is told so to its handler", async () => {
    const { promise, resolve } = deferred<void>();
    const base = await serve({
      "GET /api/x": route(({ signal }) => {
        signal.addEventListener("abort", () => resolve());
        return new Promise(() => undefined);
      }),
    });
    const leaving = new AbortController();
    const gone = fetch(`${base}/api/x`, { signal: leaving.signal }).catch(() => "gone");
    setTimeout(() => leaving.abort(), 50);
    expect(await gone).toBe("gone");
    await promise;
  });

  test("whose body breaks off has a body that can't be read", async () => {
    const { promise, resolve } = deferred<string>();
    const base = await serve({
      "POST /api/x": route(async (request) => {
        resolve(await request.text().catch(() => "broken"));
        return new Response();
      }),
    });
    const socket = connect(Number(new URL(base).port), "127.0.0.1");
    socket.write("POST /api/x HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf");
    setTimeout(() => socket.destroy(), 50);
    expect(await promise).toBe("broken");
  });

  test("whose body nobody reads is answered, and its rest is not the next request", async () => {
    const base = await serve({
      "POST /api/x": route(async ({ body }) => {
        await body?.cancel();
        return new Response("too much", { status: 413 });
      }),
    });
    const hidden = "GET /api/hidden HTTP/1.1\r\nHost: x\r\n\r\n";
    const answer = await raw(
      base,
      `POST /api/x HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n${hidden}`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toContain("Connection: close");
    expect(answer).not.toContain("299");
  });
});

describe("an answer", () => {
  test("has its status, cookies and headers, and those that every answer has", async () => {
    const headers = new Headers({ "x-request-id": "7", "content-type": "application/json" });
    headers.append("set-cookie", "a=1; Expires=Thu, 01 Jan 2026 00:00:00 GMT");
    headers.append("set-cookie", "b=2");
    const base = await serve({
      "GET /api/x": route(async () => new Response("[]", { status: 201, headers })),
    });
    const answer = await fetch(`${base}/api/x`);
    expect(answer.status).toBe(201);
    expect(answer.headers.getSetCookie()).toEqual(["a=1; Expires=Thu, 01 Jan 2026 00:00:00 GMT", "b=2"]);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "x-request-id": "7",
      "x-frame-options": "DENY",
      "x-content-type-options": "nosniff",
      "content-security-policy": expect.stringContaining("default-src 'self'"),
    });
  });

  test("that fails is a 503 that tells nothing", async () => {
    const base = await serve({ "GET /api/x": route(() => Promise.reject(new Error("secret"))) });
    const answer = await fetch(`${base}/api/x`);
    expect([answer.status, await answer.text()]).toEqual([503, expect.not.stringContaining("secret")]);
  });

  test("that is large and text is compressed for who takes that, and for nobody else", async () => {
    const large = JSON.stringify("x".repeat(5_000));
    const json = { headers: { "content-type": "application/json; charset=utf-8" } };
    const base = await serve({
      "GET /large": route(async () => new Response(large, json)),
      "GET /small": route(async () => new Response("{}", json)),
    });
    const ask = (path: string, accepted: string) =>
      raw(
        base,
        `GET ${path} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: ${accepted}\r\nConnection: close\r\n\r\n`,
      );
    expect(await ask("/large", "gzip, br")).toMatch(/Content-Encoding: gzip/i);
    for (const [path, accepted] of [
      ["/large", "identity"],
      ["/large", "gzip;q=0"],
      ["/small", "gzip"],
    ] as const) {
      expect(await ask(path, accepted)).not.toMatch(/Content-Encoding/i);
    }
    const answer = await fetch(`${base}/large`);
    expect([answer.headers.get("vary"), await answer.text()]).toEqual(["Accept-Encoding", large]);
  });

  test("that streams comes piece by piece, and ends its source when its reader leaves", async () => {
    const { promise: cancelled, resolve } = deferred<void>();
    const events = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode("data: 1\n\n")),
      cancel: () => resolve(),
    });
    const headers = { "content-type": "text/event-stream" };
    const base = await serve({ "GET /events": route(async () => new Response(events, { headers }), true) });
    const answer = await fetch(`${base}/events`);
    const reader = answer.body?.getReader();
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe("data: 1\n\n");
    await reader?.cancel();
    await cancelled;
  });
});
