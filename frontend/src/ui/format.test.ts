import { expect, test } from "vitest";
import { formatPast, formatRelative, shortId } from "#ui/format.ts";

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

test("what has just happened is never said to be yet to come", () => {
  expect(formatPast(new Date(now.getTime() + 9_000), now)).toBe("just now");
  expect(formatPast(new Date(now.getTime() - 7_200_000), now)).toBe("2 hours ago");
});

test("an id is shortened only when it is long", () => {
  expect(shortId("abc")).toBe("abc");
  expect(shortId("abcdefghijkl")).toBe("abcdefgh…");
});
