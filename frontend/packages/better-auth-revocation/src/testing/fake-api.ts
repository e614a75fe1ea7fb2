import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as it has reached the API. */
export interface ReceivedRequest {
  method: string;
  url: string;
  headers: IncomingMessage["headers"];
  body: string;
}

export type FakeAnswer = (received: ReceivedRequest, response: ServerResponse) => void;

/** A server in the API's place, to test what a backend-for-frontend sends there. */
export interface FakeApi {
  /** Its address. */
  url: string;
  /** The requests since the start or the last `reset()`. */
  received: ReceivedRequest[];
  /** What it answers from now on; at first 200 and `{}`. */
  answers(answer: FakeAnswer): void;
  reset(): void;
  close(): void;
}

const FALLBACK: FakeAnswer = (_, response) =>
  response.setHeader("content-type", "application/json").end("{}");

/** Starts it on a free port of the loopback interface. */
export async function startFakeApi(): Promise<FakeApi> {
  let answer = FALLBACK;
  const received: ReceivedRequest[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method = "", url = "", headers } = request;
    const one = { method, url, headers, body: Buffer.concat(chunks).toString() };
    received.push(one);
    answer(one, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answers(next) {
      answer = next;
    },
    reset() {
      answer = FALLBACK;
      received.length = 0;
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Refuses as a resource server does: a problem body (RFC 9457) with `code`. */
export function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { "content-type": "application/problem+json" });
  response.end(JSON.stringify({ type: "about:blank", title: "-", status, detail: "-", code }));
}
