import { randomUUID } from "node:crypto";
import { Client } from "pg";
import { beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { database } from "#server/database.ts";
import { env } from "#server/env.ts";
import { handleAuthRequest } from "#server/identity/handler.ts";
import { queryRow, testDatabase } from "../../../test/database.ts";
import { clientRequest, signUp } from "../../../test/people.ts";

testDatabase();

const CREDENTIAL = "a credential of a resource server, long";

/** Milliseconds: an answer may wait so long for listeners that are new, and later for those of a credential that has kept
 * three answers waiting; and what the rest of a sign-out may take on a busy machine. */
const FIRST = 500;
const LATER = 50;
const SLACK = 1_000;

beforeAll(() => {
  env().REVOCATION_FEED_TOKEN = CREDENTIAL;
});
beforeEach(async () => {
  await database().query("TRUNCATE auth.revocation_listener, auth.revocation_delay");
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
});

const cursor = async () =>
  (await queryRow<{ cursor: string }>("SELECT cursor FROM auth.revocation_page(NULL)")).cursor;

const known = async () =>
  (await queryRow<{ n: number }>("SELECT count(*)::int AS n FROM auth.revocation_listener")).n;

const acknowledgeOverHttp = async (after: string, authorization: string, listener: string = randomUUID()) => {
  const query = new URLSearchParams({ after, listener });
  return handleAuthRequest(
    new Request(`http://localhost:3000/api/auth/revocations?${query}`, { headers: { authorization } }),
  );
};

/** Names listeners that nobody runs, all of which have followed up to now. */
const TRANSPORTS: Record<string, (count: number) => Promise<void>> = {
  http: async (count) => {
    const after = await cursor();
    const bearer = `Bearer ${CREDENTIAL}`;
    const statuses = await Promise.all(
      Array.from({ length: count }, async () => (await acknowledgeOverHttp(after, bearer)).status),
    );
    expect(new Set(statuses)).toEqual(new Set([200]));
  },
  postgres: async (count) => {
    const after = await cursor();
    const reader = new Client({ connectionString: env().DATABASE_URL.replace("//idp@", "//api@") });
    await reader.connect();
    await reader.query(
      "SELECT auth.acknowledge_revocations(gen_random_uuid(), $1) FROM generate_series(1, $2)",
      [after, count],
    );
    await reader.end();
  },
};

async function timeOfSignOut(): Promise<number> {
  const { accessToken } = await signUp();
  const request = clientRequest("/api/auth/sign-out", {
    headers: { authorization: `Bearer ${accessToken}` },
  });
  const started = performance.now();
  expect((await handleAuthRequest(request)).status).toBe(200);
  return performance.now() - started;
}

describe.each(Object.keys(TRANSPORTS))("listeners that nobody runs, over %s", (transport) => {
  const name = (count: number) => TRANSPORTS[transport]?.(count);

  test("delay three sign-outs by half a second, and the later ones by next to nothing", async () => {
    const times = [];
    for (let round = 0; round < 6; round++) {
      await name(3);
      times.push(await timeOfSignOut());
    }
    expect(Math.max(...times.slice(0, 3))).toBeLessThan(FIRST + SLACK);
    expect(Math.max(...times.slice(3))).toBeLessThan(LATER + SLACK);
    expect(Math.min(...times.slice(3))).toBeLessThan(FIRST);
  });

  test("are given up after one wait, however many they are", async () => {
    await name(40);
    expect(await timeOfSignOut()).toBeLessThan(FIRST + SLACK);
    expect(await known()).toBe(0);
    expect(await timeOfSignOut()).toBeLessThan(SLACK);
  });

  test("are 500 at most", async () => {
    await database().query(
      `INSERT INTO auth.revocation_listener (credential, id, epoch, upto)
       SELECT credential, gen_random_uuid(), auth.revocation_epoch(), pg_current_snapshot()
       FROM generate_series(1, 499), (VALUES ($1), ('role api')) AS _ (credential)`,
      [await httpCredential()],
    );
    await name(5);
    expect(await known()).toBe(2 * 499 + 1);
  });
});

/** As the database knows it. */
async function httpCredential(): Promise<string> {
  await acknowledgeOverHttp(await cursor(), `Bearer ${CREDENTIAL}`);
  const { credential } = await queryRow<{ credential: string }>(
    "DELETE FROM auth.revocation_listener WHERE credential LIKE 'http %' RETURNING credential",
  );
  return credential;
}

test("whoever lacks the credential names none", async () => {
  for (const authorization of ["", "Bearer x", `Basic ${CREDENTIAL}`])
    expect((await acknowledgeOverHttp(await cursor(), authorization)).status).toBe(401);
  expect(await known()).toBe(0);
});

test("one credential can't speak for another's listener", async () => {
  const listener = randomUUID();
  await database().query("SELECT auth.revocation_acknowledge('role api', $1, $2)", [
    listener,
    await cursor(),
  ]);
  const before = await queryRow(
    "SELECT upto::text FROM auth.revocation_listener WHERE credential = 'role api'",
  );
  await database().query("DELETE FROM auth.session");
  await acknowledgeOverHttp(await cursor(), `Bearer ${CREDENTIAL}`, listener);
  expect(
    await queryRow("SELECT upto::text FROM auth.revocation_listener WHERE credential = 'role api'"),
  ).toEqual(before);
});
