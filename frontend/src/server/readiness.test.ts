import { beforeEach, describe, expect, test, vi } from "vitest";
import { database } from "#server/database.ts";
import { env } from "#server/env.ts";
import { forgetLook, serveReadiness } from "#server/readiness.ts";
import { installationSql } from "#server/revocation/install.ts";
import { testDatabase } from "../../test/database.ts";

const stage = testDatabase();

const TOKEN = "a management credential, which is long enough";

beforeEach(() => {
  forgetLook();
  vi.spyOn(console, "error").mockImplementation(() => undefined);
});

async function ask(headers: Record<string, string> = {}) {
  forgetLook();
  const answer = await serveReadiness(new Request("http://localhost:3000/api/readyz", { headers }));
  return { status: answer.status, headers: answer.headers, body: await answer.json() };
}

test("an instance on its database is ready", async () => {
  const { status, headers, body } = await ask();
  expect([status, headers.get("cache-control"), body]).toEqual([
    200,
    "no-store",
    { status: "ready", checks: { database: "ok", revocations: "ok" } },
  ]);
});

test("a release is ready over a later version, so that it serves while the next one is rolled out", async () => {
  await database().query("UPDATE auth.revocation_installation SET version = version + 1");
  expect((await ask()).status).toBe(200);
  await database().query("UPDATE auth.revocation_installation SET version = version - 1");
});

describe("not ready, and says what to do, is one whose database", () => {
  test.each<[string, string, string]>([
    [
      "has an earlier version",
      "UPDATE auth.revocation_installation SET version = version - 1",
      "out of date",
    ],
    [
      "was installed by another program",
      "UPDATE auth.revocation_object SET source = 'x' WHERE name = 'revoke_token()'",
      "out of date",
    ],
    [
      "lacks a trigger",
      "DROP TRIGGER revocation_session_deleted ON auth.session",
      "session.revocation_session_deleted",
    ],
    ["has nothing of the feed", "DROP FUNCTION auth.missing_revocation_triggers()", "no revocation feed"],
  ])("%s", async (_, damage, said) => {
    await database().query(damage);
    const { status, headers, body } = await ask();
    expect([status, headers.get("retry-after"), body.status]).toEqual([503, "1", "not_ready"]);
    expect(body.checks.revocations).toContain(said);
    expect(body.checks.revocations).toContain("make migrate");
    await database().query(installationSql(env().ACCESS_TOKEN_LIFETIME, "api"));
    expect((await ask()).status).toBe(200);
  });

  test("does not answer", async () => {
    const { status, body } = await stage.unreachableWhile(() => ask());
    expect([status, body.status]).toEqual([503, "not_ready"]);
    expect(body.checks.database).toContain("does not answer");
    await vi.waitFor(async () => expect((await ask()).status).toBe(200), { timeout: 15_000 });
  });
});

describe("in production", () => {
  beforeEach(() => {
    Object.assign(env(), { NODE_ENV: "production", MANAGEMENT_TOKEN: TOKEN });
    return () => {
      Object.assign(env(), { NODE_ENV: "test" });
      delete env().MANAGEMENT_TOKEN;
    };
  });

  test.each<[string, Record<string, string>]>([
    ["nobody", {}],
    ["whoever has another credential", { authorization: "Bearer something else that is long enough, too" }],
    ["whoever has it in another scheme", { authorization: `Basic ${TOKEN}` }],
  ])("%s learns more than yes or no", async (_, headers) => {
    expect((await ask(headers)).body).toEqual({ status: "ready" });
    await database().query("UPDATE auth.revocation_installation SET version = version - 1");
    const { body } = await ask(headers);
    await database().query("UPDATE auth.revocation_installation SET version = version + 1");
    expect(body).toEqual({ status: "not_ready", detail: expect.stringMatching(/^This instance .*\.$/) });
  });

  test("who has the credential does", async () => {
    expect((await ask({ authorization: `Bearer ${TOKEN}` })).body.checks).toEqual({
      database: "ok",
      revocations: "ok",
    });
  });

  test("without a configured credential nobody does", async () => {
    delete env().MANAGEMENT_TOKEN;
    for (const authorization of ["Bearer undefined", "Bearer ", ""])
      expect((await ask({ authorization })).body).toEqual({ status: "ready" });
  });
});

test("however many ask, the database is asked once a second", async () => {
  const asked = vi.spyOn(database(), "query");
  await ask();
  const once = asked.mock.calls.length;
  forgetLook();
  await Promise.all(
    Array.from({ length: 50 }, () => serveReadiness(new Request("http://localhost:3000/api/readyz"))),
  );
  expect(asked).toHaveBeenCalledTimes(2 * once);
});
