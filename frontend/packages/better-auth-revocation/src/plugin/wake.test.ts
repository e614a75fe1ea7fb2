import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ownDatabase } from "../../test/database.ts";
import { Database } from "../database/database.ts";
import { Wake } from "./wake.ts";

const own = ownDatabase();
let wake: Wake;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  wake = new Wake(new Database(own.pool));
});
afterEach(async () => {
  if (vi.isFakeTimers()) await closed();
});

/** A minute goes by, after which nobody listens. */
async function closed(): Promise<void> {
  vi.advanceTimersByTime(60_000);
  vi.useRealTimers();
  await vi.waitFor(async () => expect(await listening()).toBe(0), { timeout: 15_000 });
}

const listening = async () =>
  (
    await own.pool.query("SELECT FROM pg_stat_activity WHERE datname = $1 AND query LIKE 'UNLISTEN%'", [
      own.name,
    ])
  ).rowCount;

test("the connection is closed when nobody has waited for a minute", async () => {
  await wake.listen(["revocation"]);
  expect(await listening()).toBe(1);
  await closed();
});

test("it stays open while somebody waits again and again", async () => {
  for (const _ of [1, 2, 3]) {
    await wake.listen(["revocation"]);
    vi.advanceTimersByTime(59_000);
  }
  expect(await wake.listen(["revocation"])).toBe(false);
  expect(await listening()).toBe(1);
});

test("it is opened again when somebody waits, and hears what is said from then on", async () => {
  await wake.listen(["revocation"]);
  vi.advanceTimersByTime(60_000);
  expect(await wake.listen(["revocation"])).toBe(true);
  const { heard } = wake;
  const waiting = wake.next(heard, 1_000);
  await own.pool.query("NOTIFY revocation");
  await waiting;
  expect(wake.heard).toBe(heard + 1);
});
