import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { database } from "#server/database.ts";
import { metrics } from "#server/metrics/registry.ts";
import { revocationsInForce } from "#server/revocation/in-force.ts";
import { testDatabase } from "../../../test/database.ts";
import { signUp } from "../../../test/people.ts";

testDatabase();

/** A resource server that has followed for long, and follows no more. */
async function stuck(): Promise<void> {
  const { rows } = await database().query("SELECT cursor FROM auth.revocations_after(NULL)");
  await database().query("SELECT auth.revocation_acknowledge('role api', $1, $2)", [
    randomUUID(),
    rows[0].cursor,
  ]);
  await database().query("UPDATE auth.revocation_listener SET since = now() - interval '1 hour'");
  const { claims } = await signUp();
  await database().query("DELETE FROM auth.session WHERE id = $1", [claims.sid]);
}

test("answers that wait for a stuck resource server leave the connections to others, and wait two seconds at most", async () => {
  await stuck();
  const started = performance.now();
  const answers = Array.from({ length: 100 }, () => revocationsInForce());
  for (let i = 0; i < 20; i++) await database().query("SELECT 1");
  expect(database().totalCount - database().idleCount).toBeLessThanOrEqual(2);
  expect(performance.now() - started).toBeLessThan(1_500);
  await Promise.all(answers);
  expect(performance.now() - started).toBeLessThan(3_500);
  expect(await waited("late")).toBe(100);
});

const waited = async (outcome: string) =>
  (await metrics().waits.get()).values.find(
    ({ metricName, labels }) => metricName?.endsWith("_count") && labels.outcome === outcome,
  )?.value;

test("what is revoked while others wait is waited for too", async () => {
  await stuck();
  const first = revocationsInForce();
  const { claims } = await signUp();
  await database().query("DELETE FROM auth.session WHERE id = $1", [claims.sid]);
  await revocationsInForce();
  await first;
  const { rows } = await database().query("SELECT auth.await_revocations('0 seconds') AS settled");
  expect(rows).toEqual([{ settled: true }]);
  const before = (await waited("in_force")) ?? 0;
  await revocationsInForce();
  expect(await waited("in_force")).toBe(before + 1);
});
