import { expect, test } from "vitest";
import { describeSuspension, isSuspended } from "#features/admin/user-state.ts";

const now = new Date("2026-11-20T12:00:00Z");

test.each([
  [{ banned: null, banExpires: null }, false],
  [{ banned: false, banExpires: "2027-01-01T00:00:00Z" }, false],
  [{ banned: true, banExpires: null }, true],
  [{ banned: true, banExpires: "2026-11-20T12:00:01Z" }, true],
  [{ banned: true, banExpires: "2026-11-20T12:00:00Z" }, false],
])("%j at noon: %s", (user, suspended) => {
  expect(isSuspended(user, now)).toBe(suspended);
});

test("a suspension tells its term and reason", () => {
  expect(describeSuspension({ banExpires: null, banReason: null })).toBe("Suspended until lifted");
  expect(describeSuspension({ banExpires: "2026-12-01T12:00:00Z", banReason: "Spam" })).toMatch(
    /^Suspended until .*2026.*: Spam$/,
  );
});
