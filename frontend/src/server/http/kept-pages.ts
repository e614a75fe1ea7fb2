import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type RequestListener,
  request as requestOf,
} from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { DYNAMIC_PARAMETERS, SESSION_COOKIES } from "#server/http/prerendered.ts";

type Answer = { headers: OutgoingHttpHeaders; body: Buffer };
type Page = { plain: Answer; gzip: Answer };

/** Fields that describe the connection, not the page (RFC 9110, section 7.6.1). */
const HOP_BY_HOP = new Set(["connection", "date", "keep-alive", "transfer-encoding"]);
const ACCEPTS_GZIP = /\bgzip\b(?!;q=0(?:\.0*)?(?:,|$))/;

/** Serves the prerendered pages at `paths` from memory to visitors without a session, and passes every other request on to
 * `pages`. Each page is requested from `pages` once, at start: Next.js's routing costs more than sending the page. */
export async function keepPages(pages: RequestListener, paths: readonly string[]): Promise<RequestListener> {
  const kept = await answersOf(pages, paths);
  return (request, response) => {
    const [path = ""] = (request.url ?? "").split("?", 1);
    const page = kept.get(path);
    if (!page || !isPlainVisit(request)) return pages(request, response);
    const { headers, body } = ACCEPTS_GZIP.test(String(request.headers["accept-encoding"]))
      ? page.gzip
      : page.plain;
    for (const [name, value] of Object.entries(headers))
      if (value !== undefined) response.setHeader(name, value);
    if (request.headers["if-none-match"] === headers["etag"] && headers["etag"]) {
      response.removeHeader("content-length");
      response.writeHead(304).end();
    } else {
      response.end(request.method === "HEAD" ? undefined : body);
    }
  };
}

/** Whether a visitor without a session asks for the whole page; client-side navigation fetches data instead. */
function isPlainVisit({ method, url, headers }: IncomingMessage): boolean {
  return (
    !DYNAMIC_PARAMETERS.some((name) => url?.includes(`${name}=`)) &&
    (method === "GET" || method === "HEAD") &&
    !Object.keys(headers).some((name) => name === "rsc" || name.startsWith("next-")) &&
    !SESSION_COOKIES.some((name) => headers.cookie?.includes(name))
  );
}

async function answersOf(pages: RequestListener, paths: readonly string[]): Promise<Map<string, Page>> {
  const server = createServer(pages);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const kept = new Map<string, Page>();
  for (const path of paths) {
    const plain = await ask(port, path, {});
    const gzip = await ask(port, path, { "accept-encoding": "gzip" });
    if (plain && gzip) kept.set(path, { plain, gzip });
  }
  server.close();
  return kept;
}

/** Requests a page; undefined unless the status is 200. */
async function ask(port: number, path: string, headers: IncomingHttpHeaders): Promise<Answer | undefined> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    requestOf({ host: "127.0.0.1", port, path, headers, agent: false }, resolve).on("error", reject).end();
  });
  const body = await buffer(answer);
  if (answer.statusCode !== 200) return undefined;
  const own = Object.entries(answer.headers).filter(([name]) => !HOP_BY_HOP.has(name));
  return { headers: { ...Object.fromEntries(own), "content-length": body.length }, body };
}
