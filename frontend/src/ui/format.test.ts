import { expect, test } from "vitest";
import { formatRelative, shortId } from "#ui/format.ts";

const now = new Date("2026-11-20T12:00:00Z");
const from = (seconds: number) => formatRelative(new Date(now.getTime() + seconds * 1000), now);

test.each([
  [-5, "just now"],
  [30, "in less than a minute"],
  [-119, "1 minute ago"],
  [-7200, "2 hours ago"],
  [-86_400, "yesterday"],
  [30 * 86_400 - 20, "in 30 days"],
  [-100 * 86_400, "Aug 12, 2026"],
])("%d seconds from now is %s", (seconds, words) => {
  expect(from(seconds)).toBe(words);
});

test("an id is shortened only when it is long", () => {
  expect(shortId("abc")).toBe("abc");
  expect(shortId("abcdefghijkl")).toBe("abcdefgh…");
});
