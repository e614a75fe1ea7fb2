import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { env } from "#server/env.ts";

export type Received = { method: string; url: string; headers: IncomingMessage["headers"]; body: string };
type Answer = (received: Received, response: ServerResponse) => void;

export interface FakeApi {
  /** The requests of the present test. */
  received: Received[];
  /** What it answers from now on; without a call, 200 and `{}`. */
  answers(answer: Answer): void;
}

/** A server in the API's place, as API_URL, for the calling test file. */
export function fakeApi(): FakeApi {
  const fallback: Answer = (_, response) => response.setHeader("content-type", "application/json").end("{}");
  let answer = fallback;
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method = "", url = "", headers } = request;
    const one = { method, url, headers, body: Buffer.concat(chunks).toString() };
    received.push(one);
    answer(one, response);
  });

  beforeAll(async () => {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    env().API_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    answer = fallback;
    received.length = 0;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  return {
    received,
    answers(next) {
      answer = next;
    },
  };
}

/** Refuses as the API does: a problem with `code`. */
export function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { "content-type": "application/problem+json" });
  response.end(JSON.stringify({ type: "about:blank", title: "-", status, detail: "-", code }));
}
