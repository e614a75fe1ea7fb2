import { once } from "node:events";
import { Agent, createServer, get, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, expect, test, vi } from "vitest";
import { eventStream } from "#server/http/event-stream.ts";
import { finishAndClose } from "#server/http/finish.ts";
import { inFrontOf } from "#server/http/front.ts";

const agent = new Agent({ keepAlive: true });
let server: Server | undefined;
afterEach(() => {
  agent.destroy();
  server?.closeAllConnections();
});

/** Asks a server that answers with what `answer` gives. */
async function asked(answer: (request: Request) => Promise<Response>): Promise<IncomingMessage> {
  const handle = inFrontOf(
    (_, response) => response.end(),
    () => ({ answer, streams: true }),
    "http://a",
  );
  server = createServer(handle);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const request = get({ port: (server.address() as AddressInfo).port, path: "/asked", agent });
  const [response] = (await once(request, "response")) as [IncomingMessage];
  return response;
}

/** An answer that is begun at once and finished when it is let. */
function unfinished() {
  let finish: () => void = () => undefined;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode("begun, "));
      finish = () => {
        controller.enqueue(new TextEncoder().encode("finished"));
        controller.close();
      };
    },
  });
  return { answer: async () => new Response(body), finish: () => finish() };
}

test("what is being answered is finished, and no connection is kept", async () => {
  const { answer, finish } = unfinished();
  const response = await asked(answer);
  const ended = vi.fn();
  const ending = finishAndClose(server as Server).then(ended);
  expect(server?.listening).toBe(false);
  expect(ended).not.toHaveBeenCalled();
  finish();
  expect(await text(response)).toBe("begun, finished");
  await ending;
});

test("a stream of events is ended, so that its reader goes to another instance", async () => {
  const response = await asked(async ({ signal }) =>
    eventStream<string>(signal, ({ send }) => {
      send("here");
      return () => undefined;
    }),
  );
  const received = text(response);
  await finishAndClose(server as Server);
  expect(await received).toBe('data: "here"\n\n');
});

test("what is never finished is cut off when the time is over", async () => {
  const response = await asked(unfinished().answer);
  const received = text(response);
  received.catch(() => undefined);
  await finishAndClose(server as Server, undefined, 100);
  await expect(received).rejects.toThrow("aborted");
});
