import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { answerOutageWith503 } from "#server/outage.ts";

async function answerOf(listener: RequestListener): Promise<Response> {
  const server = createServer((request, response) => {
    answerOutageWith503(response);
    listener(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  server.close();
  return answer;
}

test.each<[string, RequestListener]>([
  [
    "set",
    (_, response) => {
      response.statusCode = 500;
      response.statusMessage = "Internal Server Error";
      response.end("page");
    },
  ],
  [
    "written",
    (_, response) => response.writeHead(500, "Internal Server Error", { "x-kept": "1" }).end("page"),
  ],
])("a 500 that is %s becomes a 503 with Retry-After", async (_, listener) => {
  const answer = await answerOf(listener);
  expect([answer.status, answer.statusText]).toEqual([503, "Service Unavailable"]);
  expect(answer.headers.get("retry-after")).toBe("5");
  expect(await answer.text()).toBe("page");
});

test.each([200, 302, 404, 503])("%i stays as it is", async (status) => {
  const answer = await answerOf((_, response) => response.writeHead(status, { "x-kept": "1" }).end());
  expect([answer.status, answer.headers.get("x-kept")]).toEqual([status, "1"]);
  expect(answer.headers.has("retry-after")).toBe(false);
});
