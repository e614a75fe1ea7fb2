import { describe, expect, test, vi } from "vitest";
import { database } from "#server/database.ts";
import {
  limitsInDatabase,
  limitsInMemory,
  type RateLimits,
  rateLimits,
} from "#server/identity/rate-limits.ts";
import { queryRow, testDatabase } from "../../../test/database.ts";

testDatabase();

const RULE = { window: 10, max: 3 };
const allowed = async (limits: RateLimits, key: string, times: number) => {
  const decisions = await Promise.all(Array.from({ length: times }, () => limits.consume(key, RULE)));
  return decisions.filter((decision) => decision.allowed).length;
};
const age = (key: string, seconds: number) =>
  database().query('UPDATE auth."rateLimit" SET "lastRequest" = "lastRequest" - $2 WHERE key = $1', [
    key,
    seconds * 1000,
  ]);

describe("counted in the database", () => {
  test("no more than may get through, however many come at once", async () => {
    expect(await allowed(limitsInDatabase, "192.0.2.1|/sign-in/email", 20)).toBe(3);
    expect(await allowed(limitsInDatabase, "192.0.2.2|/sign-in/email", 3)).toBe(3);
  });

  test("who is refused is told when to come again, and then may", async () => {
    const key = "192.0.2.3|/sign-in/email";
    await allowed(limitsInDatabase, key, 3);
    await age(key, 4);
    expect(await limitsInDatabase.consume(key, RULE)).toEqual({ allowed: false, retryAfter: 6 });
    await age(key, 6);
    expect(await allowed(limitsInDatabase, key, 5)).toBe(3);
  });

  test("rows that count for nothing any more go", async () => {
    await allowed(limitsInDatabase, "192.0.2.4|/old", 1);
    await age("192.0.2.4|/old", 7_200);
    await allowed(limitsInDatabase, "192.0.2.5|/new", 1);
    expect(
      await queryRow(`SELECT count(*)::int AS n FROM auth."rateLimit" WHERE key = '192.0.2.4|/old'`),
    ).toEqual({ n: 0 });
  });
});

describe("counted in memory", () => {
  test("as many as may get through in a window, and again after it", async () => {
    let now = 0;
    const limits = limitsInMemory(() => now);
    expect(await allowed(limits, "a", 5)).toBe(3);
    now = 4_000;
    expect(await limits.consume("a", RULE)).toEqual({ allowed: false, retryAfter: 6 });
    expect(await allowed(limits, "b", 5)).toBe(3);
    now = 10_000;
    expect(await allowed(limits, "a", 5)).toBe(3);
  });

  test("a flood of addresses takes a bounded part of it", async () => {
    const limits = limitsInMemory(() => 0, 100);
    for (let i = 0; i < 1_000; i++) await limits.consume(`flood ${i}`, RULE);
    expect(await allowed(limits, "flood 999", 3)).toBe(2);
    expect(await allowed(limits, "flood 0", 5)).toBe(3);
  });
});

test("what only reads writes nothing; what lets somebody guess is counted across instances", async () => {
  const query = vi.spyOn(database(), "query");
  const limits = rateLimits("database");
  expect(await allowed(limits, "192.0.2.6|/get-session", 5)).toBe(3);
  expect(query).not.toHaveBeenCalled();
  await allowed(limits, "192.0.2.6|/sign-in/email", 2);
  expect(await allowed(rateLimits("database"), "192.0.2.6|/sign-in/email", 2)).toBe(1);
});
