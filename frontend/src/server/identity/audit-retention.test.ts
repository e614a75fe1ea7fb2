import { expect, test } from "vitest";
import { database } from "#server/database.ts";
import { env } from "#server/env.ts";
import { forgetOldEvents } from "#server/identity/audit-retention.ts";
import { queryRow, testDatabase } from "../../../test/database.ts";

testDatabase();

const DAY = 86_400;

/** Records `count` events as of so many seconds ago. */
const record = (count: number, age: number) =>
  database().query(
    `INSERT INTO auth."auditEvent" (id, type, "subjectId", "createdAt")
     SELECT gen_random_uuid()::text, 'signed_in', 'someone', now() - make_interval(secs => $2) FROM generate_series(1, $1)`,
    [count, age],
  );

const left = async () =>
  (await queryRow<{ n: number }>(`SELECT count(*)::int AS n FROM auth."auditEvent"`)).n;

test("what was recorded longer ago than is kept is forgotten, and nothing else", async () => {
  expect(env().AUDIT_RETENTION).toBe(400 * DAY);
  await record(2_500, 401 * DAY);
  await record(3, 399 * DAY);
  await record(2, 0);
  expect(await forgetOldEvents()).toBe(2_500);
  expect(await left()).toBe(5);
  expect(await forgetOldEvents()).toBe(0);
});

test("one run is bounded, and the next goes on", async () => {
  await record(51_000, 401 * DAY);
  expect(await forgetOldEvents()).toBe(50_000);
  expect(await forgetOldEvents()).toBe(1_000);
  expect(await left()).toBe(5);
});
