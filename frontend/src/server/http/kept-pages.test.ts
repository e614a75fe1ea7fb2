import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { keepPages } from "#server/http/kept-pages.ts";

const PAGE = "<!doctype html><title>Sign in</title>";
const ETAG = '"first"';
let server: Server | undefined;
afterEach(() => server?.close());

/** A framework that counts what it is asked. */
function framework() {
  const asked: string[] = [];
  const pages: RequestListener = (request, response) => {
    asked.push(request.url ?? "");
    if (request.url === "/broken") return response.writeHead(500).end();
    const gzip = request.headers["accept-encoding"]?.includes("gzip");
    response.setHeader("ETag", ETAG);
    response.setHeader("Content-Type", "text/html; charset=utf-8");
    response.setHeader("Vary", ["RSC", "Accept-Encoding"]);
    if (gzip) response.setHeader("Content-Encoding", "gzip");
    response.end(gzip ? gzipSync(PAGE) : PAGE);
  };
  return { asked, pages };
}

async function serve(paths: string[]) {
  const { asked, pages } = framework();
  const listener = await keepPages(pages, paths);
  asked.length = 0;
  server = createServer(listener).listen(0, "127.0.0.1");
  await new Promise((resolve) => server?.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  const visit = (path: string, headers: Record<string, string> = {}, method = "GET") =>
    fetch(`http://127.0.0.1:${port}${path}`, { method, headers });
  return { asked, visit };
}

describe("a kept page", () => {
  it("is answered without the framework, as the framework answered it", async () => {
    const { asked, visit } = await serve(["/sign-in"]);
    const answer = await visit("/sign-in?return_to=%2Faccount", { "accept-encoding": "identity" });
    expect(await answer.text()).toBe(PAGE);
    expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(answer.headers.get("vary")).toBe("RSC, Accept-Encoding");
    expect(answer.headers.get("content-length")).toBe(String(PAGE.length));
    expect(asked).toEqual([]);
  });

  it("is compressed for those who take it", async () => {
    const { visit } = await serve(["/sign-in"]);
    const answer = await visit("/sign-in", { "accept-encoding": "br, gzip" });
    expect(answer.headers.get("content-encoding")).toBe("gzip");
    expect(await answer.text()).toBe(PAGE);
    const refused = await visit("/sign-in", { "accept-encoding": "gzip;q=0" });
    expect(refused.headers.get("content-encoding")).toBeNull();
  });

  it("is not sent again to who has it", async () => {
    const { visit } = await serve(["/sign-in"]);
    expect((await visit("/sign-in", { "if-none-match": ETAG })).status).toBe(304);
    expect((await visit("/sign-in", { "if-none-match": '"other"' })).status).toBe(200);
  });

  it("has no body for HEAD", async () => {
    const { asked, visit } = await serve(["/sign-in"]);
    const answer = await visit("/sign-in", {}, "HEAD");
    expect([answer.status, await answer.text()]).toEqual([200, ""]);
    expect(asked).toEqual([]);
  });
});

describe("the framework is asked", () => {
  it.each([
    [
      "by who may have a session",
      "/sign-in",
      { cookie: "theme=dark; __Host-better-auth.session_token=x" },
      "GET",
    ],
    ["by who has an access token", "/sign-in", { cookie: "access_token=x" }, "GET"],
    ["for the data of a navigation", "/sign-in", { rsc: "1" }, "GET"],
    ["for what it prefetches", "/sign-in", { "next-router-prefetch": "1" }, "GET"],
    ["for a page that says why one is there", "/sign-in?reason=ended", {}, "GET"],
    ["for a form that was refused", "/sign-in?failed=invalid_credentials", {}, "GET"],
    ["for any other page", "/notes", {}, "GET"],
    ["when something is posted", "/sign-in", {}, "POST"],
  ])("%s", async (_, path, headers, method) => {
    const { asked, visit } = await serve(["/sign-in"]);
    await visit(path, headers as Record<string, string>, method);
    expect(asked).toEqual([path]);
  });

  it("for a page that was no page when it was to be kept", async () => {
    const { asked, visit } = await serve(["/broken"]);
    expect((await visit("/broken")).status).toBe(500);
    expect(asked).toEqual(["/broken"]);
  });
});
