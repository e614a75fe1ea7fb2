import { betterAuth } from "better-auth";
import { decodeJwt } from "jose";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { ORIGIN, stockOptions } from "../../test/applications.ts";
import { ownDatabase } from "../../test/database.ts";
import { Caller, install } from "../../test/installed.ts";
import { revocableJwt } from "./revocable-jwt.ts";
import { timeOfIssue } from "./time-of-issue.ts";

const waited = vi.hoisted(() => ({ milliseconds: [] as number[] }));
vi.mock("node:timers/promises", () => ({
  setTimeout: async (milliseconds: number) => {
    waited.milliseconds.push(milliseconds);
  },
}));

const own = ownDatabase();
const SCHEMA = "better_auth_revocation";
const auth = () =>
  betterAuth({
    ...stockOptions,
    database: own.pool,
    plugins: [...revocableJwt({ audience: "https://api.example.com" })],
  });
let built: ReturnType<typeof auth>;

beforeAll(async () => {
  built = auth();
  await install(built.options, own.url);
});

async function newcomer() {
  const caller = new Caller(built);
  const { id } = await caller.signUp(`${Math.random()}@example.com`);
  return { caller, id };
}

/** Whether the database holds a token of these claims to be revoked by what it is. */
async function isRevoked({ jti, sub, iss, iat }: Record<string, unknown>): Promise<boolean> {
  const { rows } = await own.pool.query<{ revoked: boolean }>(
    `SELECT ${SCHEMA}.revocation_names($1, NULL, $2, $3, $4) AS revoked`,
    [jti, sub, iss, iat],
  );
  return rows[0]?.revoked ?? false;
}

describe.each([
  ["a user's tokens", "subject"],
  ["everybody's tokens", "issuer"],
])("after %s have been revoked by their time of issue", (_, parameter) => {
  test("the former is revoked, and one that is minted in the same second is not", async () => {
    const { caller, id } = await newcomer();
    const former = decodeJwt(await caller.token());
    // As late as a revocation can be, so that its second is not over before the next token is minted.
    await own.pool.query(
      `SELECT ${SCHEMA}.revoke_issued_before(clock_timestamp() + interval '0.9 seconds', ${parameter} => $1)`,
      [parameter === "subject" ? id : ORIGIN],
    );
    waited.milliseconds = [];
    const next = decodeJwt(await caller.token());
    expect([await isRevoked({ ...former }), await isRevoked({ ...next })]).toEqual([true, false]);
    expect(waited.milliseconds).toHaveLength(1);
    expect(waited.milliseconds[0]).toBeLessThanOrEqual(2_000);
  });
});

test("a revocation of somebody else's tokens makes nobody wait", async () => {
  const [{ caller }, { id }] = [await newcomer(), await newcomer()];
  await own.pool.query(`DELETE FROM ${SCHEMA}.revocation WHERE issued_before IS NOT NULL`);
  await own.pool.query(`SELECT ${SCHEMA}.revoke_issued_before(clock_timestamp(), subject => $1)`, [id]);
  waited.milliseconds = [];
  await caller.token();
  expect(waited.milliseconds).toEqual([]);
});

test("the earliest time of issue is found by an index, however much was revoked", async () => {
  await own.pool.query(
    `INSERT INTO ${SCHEMA}.revocation (sub, issued_before, expires_at)
     SELECT 'user ' || i % 50, 1, now() + interval '1 day' FROM generate_series(1, 20000) i`,
  );
  await own.pool.query(`ANALYZE ${SCHEMA}.revocation`);
  const { rows } = await own.pool.query<{ "QUERY PLAN": string }>(
    `EXPLAIN SELECT max(v.issued_before) FROM ${SCHEMA}.revocation v
     WHERE coalesce(v.sub, '') = 'user 7' AND v.issued_before IS NOT NULL`,
  );
  const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
  expect(plan).toMatch(/Limit[\s\S]*Index (?:Only )?Scan Backward using revocation_issued/);
});

test("a clock that is far behind the database's waits two seconds at most and goes by the database's", async () => {
  waited.milliseconds = [];
  const ahead = Math.ceil(Date.now() / 1000) + 3600;
  expect(await timeOfIssue({ issuableFrom: ahead })).toBe(ahead);
  expect(waited.milliseconds).toEqual([2_000]);
});
