import { describe, expect, test, vi } from "vitest";
import { Admission } from "#server/identity/admission.ts";

/** Work that ends when it is told to, and counts how much of it was ever under way at a time. */
function workshop() {
  const ends: (() => void)[] = [];
  let running = 0;
  const seen = { most: 0, started: 0 };
  const work = async () => {
    seen.started++;
    seen.most = Math.max(seen.most, ++running);
    await new Promise<void>((resolve) => ends.push(resolve));
    running--;
    return "done";
  };
  const finishAll = async () => {
    while (ends.length) {
      ends.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { work, finishAll, seen };
}

describe("what is beyond the limits", () => {
  test("waits, in order, and is never carried out more at a time than may be", async () => {
    const { work, finishAll, seen } = workshop();
    const order: number[] = [];
    const admission = new Admission({ running: 2, queue: 10, wait: 60_000 });
    const all = Array.from({ length: 10 }, (_, i) =>
      admission.run("a", () => {
        order.push(i);
        return work();
      }),
    );
    await finishAll();
    expect(await Promise.all(all)).toEqual(Array(10).fill("done"));
    expect(seen.most).toBe(2);
    expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test("is refused at once when the queue is full, without a stroke of work", async () => {
    const { work, finishAll, seen } = workshop();
    const admission = new Admission({ running: 1, queue: 2, wait: 60_000 });
    const all = ["a", "b", "c", "d", "e"].map((client) => admission.run(client, work));
    expect(await Promise.all(all.slice(3))).toEqual(["overloaded", "overloaded"]);
    expect(seen.started).toBe(1);
    await finishAll();
    expect(await Promise.all(all.slice(0, 3))).toEqual(["done", "done", "done"]);
  });

  test("is its own client's fault when that one fills the queue", async () => {
    const { work, finishAll } = workshop();
    const admission = new Admission({ running: 1, queue: 3, wait: 60_000 });
    const all = ["a", "a", "a", "b", "a", "c", ""].map((client) => admission.run(client, work));
    expect(await Promise.all(all.slice(4))).toEqual(["client", "overloaded", "overloaded"]);
    await finishAll();
  });

  test("is refused after the longest wait, and then leaves its place", async () => {
    vi.useFakeTimers();
    const { work, seen } = workshop();
    const admission = new Admission({ running: 1, queue: 1, wait: 5_000 });
    void admission.run("a", work);
    const late = admission.run("b", work);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await late).toBe("overloaded");
    void admission.run("c", work);
    expect(await Promise.race([admission.run("d", work), Promise.resolve("waits")])).toBe("waits");
    expect(seen.started).toBe(1);
    vi.useRealTimers();
  });
});

test("work that fails gives its place up", async () => {
  const admission = new Admission({ running: 1, queue: 1, wait: 1_000 });
  await expect(admission.run("a", () => Promise.reject(new Error("failed")))).rejects.toThrow("failed");
  expect(await admission.run("a", async () => "done")).toBe("done");
});
