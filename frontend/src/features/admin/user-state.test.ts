import { expect, test } from "vitest";
import { isSuspended } from "#features/admin/user-state.ts";

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
