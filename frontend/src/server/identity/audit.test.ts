import { afterEach, expect, test, vi } from "vitest";
import { recordEvent } from "./audit.ts";

afterEach(() => {
  vi.useRealTimers();
});

test("what is recorded in one millisecond keeps its order", async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: 1_800_000_000_000 });
  const times: number[] = [];
  const store = {
    create: async ({ data }: { data: Record<string, unknown> }) => {
      times.push(Number(data["createdAt"]));
    },
  };
  for (let i = 0; i < 3; i++) await recordEvent(store, { type: "signed_in", subjectId: "somebody" });
  expect(times.map((time) => time - 1_800_000_000_000)).toEqual([0, 1, 2]);
});
