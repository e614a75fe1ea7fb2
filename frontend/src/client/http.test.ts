import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { NetworkError, REQUEST_TIMEOUT, send, TimeoutError } from "#client/http.ts";

const get = () => new Request("http://localhost/notes");
const post = () => new Request("http://localhost/notes", { method: "POST", body: "text" });
const lost = () => Promise.reject(new TypeError("fetch failed"));

function hangs(_request: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  return new Promise((_, reject) => {
    init?.signal?.addEventListener("abort", () => reject(init.signal?.reason));
  });
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

async function settle<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  await vi.advanceTimersByTimeAsync(3 * REQUEST_TIMEOUT);
  return await promise;
}

describe("a network that blinks", () => {
  test("is not noticed by a reader", async () => {
    const fetch = vi
      .fn<typeof globalThis.fetch>()
      .mockImplementationOnce(lost)
      .mockResolvedValue(new Response("here"));
    const response = await settle(send(get(), { fetch }));
    expect(await response.text()).toBe("here");
    expect(fetch).toHaveBeenCalledTimes(2);
  });

  test("is noticed when it blinks twice", async () => {
    const fetch = vi.fn<typeof globalThis.fetch>().mockImplementation(lost);
    await expect(settle(send(get(), { fetch }))).rejects.toBeInstanceOf(NetworkError);
    expect(fetch).toHaveBeenCalledTimes(2);
  });

  test("never repeats a POST by itself", async () => {
    const fetch = vi.fn<typeof globalThis.fetch>().mockImplementation(lost);
    await expect(settle(send(post(), { fetch }))).rejects.toBeInstanceOf(NetworkError);
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  test("repeats a POST that allows it, body and all, and says so first", async () => {
    const bodies: string[] = [];
    const onRetry = vi.fn();
    const fetch = vi.fn<typeof globalThis.fetch>(async (request) => {
      bodies.push(await (request as Request).text());
      if (bodies.length === 1) throw new TypeError("fetch failed");
      return new Response(null, { status: 204 });
    });
    expect((await settle(send(post(), { fetch, retry: true, onRetry }))).status).toBe(204);
    expect(bodies).toEqual(["text", "text"]);
    expect(onRetry).toHaveBeenCalledTimes(1);
  });

  test("counts an answer that breaks off as lost", async () => {
    const broken = new ReadableStream({
      start: (controller) => controller.error(new TypeError("terminated")),
    });
    const fetch = vi.fn<typeof globalThis.fetch>().mockResolvedValueOnce(new Response(broken));
    fetch.mockResolvedValue(new Response("whole"));
    expect(await (await settle(send(get(), { fetch }))).text()).toBe("whole");
  });
});

test("an answer that does not come in time is a TimeoutError, and is not asked for again", async () => {
  const fetch = vi.fn<typeof globalThis.fetch>(hangs);
  await expect(settle(send(get(), { fetch }))).rejects.toBeInstanceOf(TimeoutError);
  expect(fetch).toHaveBeenCalledTimes(1);
});

test("a refusal is an answer", async () => {
  const fetch = vi.fn<typeof globalThis.fetch>().mockResolvedValue(new Response(null, { status: 503 }));
  expect((await settle(send(get(), { fetch }))).status).toBe(503);
  expect(fetch).toHaveBeenCalledTimes(1);
});
