import { describe, expect, test } from "vitest";
import { database } from "#server/database.ts";
import { startSession } from "#server/identity/credentials.ts";
import { queryRow, testDatabase } from "../../../../test/database.ts";
import { clientRequest, cookieOf, freshEmail, get, PASSWORD, pageRequest } from "../../../../test/people.ts";

testDatabase();

const form = () => ({ name: "Ada", email: freshEmail(), password: PASSWORD });

const send = (body: object, key: string) =>
  startSession("sign-up", clientRequest("/api/auth/sign-up", { body, headers: { "idempotency-key": key } }));

const codeOf = async (answer: Response) => [answer.status, (await answer.json()).code];

const accounts = async ({ email }: { email: string }) =>
  (await queryRow<{ n: number }>('SELECT count(*)::int AS n FROM auth."user" WHERE email = $1', [email])).n;

test("a repeated sign-up gives the first answer: one account, one session, the same token", async () => {
  const body = form();
  const [first, second] = [await send(body, "once"), await send(body, "once")];
  expect(second.status).toBe(200);
  expect(await second.json()).toEqual(await first.json());
  expect(await accounts(body)).toBe(1);
  const session = await get("/get-session", { cookie: cookieOf(second) });
  expect((await session.json()).user.email).toBe(body.email);
  expect(cookieOf(second)).toContain(cookieOf(first));
});

test("a page's repeated sign-up gets the first token into its cookie", async () => {
  const body = form();
  const ask = () =>
    startSession(
      "sign-up",
      pageRequest("/api/session/sign-up", { method: "POST", body, headers: { "idempotency-key": "page" } }),
      "browser",
    );
  const tokenIn = (answer: Response) => /(?:^|; )access_token=([^;]+)/.exec(cookieOf(answer))?.[1];
  const [first, second] = [await ask(), await ask()];
  expect(tokenIn(first)).toBeDefined();
  expect(tokenIn(second)).toBe(tokenIn(first));
});

describe("refused is", () => {
  test.each([
    ["another name", { name: "Eve" }],
    ["another address", { email: freshEmail() }],
    ["another password", { password: "Another-horse-8" }],
  ])("%s under the same key", async (_, change) => {
    const body = form();
    const key = `other ${Object.keys(change)}`;
    await send(body, key);
    const answer = await send({ ...body, ...change }, key);
    expect(await codeOf(answer)).toEqual([422, "idempotency_key_reused"]);
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  test("guessing at the password of whose key is known", async () => {
    const body = form();
    await send(body, "guessed");
    const statuses: number[] = [];
    for (let guess = 0; guess < 11; guess++) {
      statuses.push((await send({ ...body, password: `Wrong-horse-${guess}` }, "guessed")).status);
    }
    expect(statuses).toEqual([...Array(10).fill(422), 429]);
  });

  test.each(["", "é", "x".repeat(256)])("the key %j", async (key) => {
    const headers = new Headers({ "content-type": "application/json" });
    headers.set("idempotency-key", key);
    const request = new Request("http://localhost:3000/api/auth/sign-up", {
      method: "POST",
      headers,
      body: JSON.stringify(form()),
    });
    expect(await codeOf(await startSession("sign-up", request))).toEqual([400, "bad_request"]);
  });
});

test("of ten at once one is carried out, and the others are told that it is or get its answer", async () => {
  const body = form();
  const answers = await Promise.all(Array.from({ length: 10 }, () => send(body, "at once")));
  const statuses = new Set(answers.map(({ status }) => status));
  expect([...statuses].every((status) => status === 200 || status === 409)).toBe(true);
  const tokens = await Promise.all(
    answers.filter(({ ok }) => ok).map(async (answer) => (await answer.json()).access_token),
  );
  expect(new Set(tokens).size).toBe(1);
  expect(await accounts(body)).toBe(1);
});

test("a key whose sign-up was refused or undone is free again", async () => {
  const taken = form();
  await send(taken, "first");
  expect(await codeOf(await send(taken, "second"))).toEqual([422, "email_taken"]);
  await database().query("ALTER TABLE auth.account RENAME TO account_away");
  const undone = form();
  expect((await send(undone, "third")).status).toBe(503);
  await database().query("ALTER TABLE auth.account_away RENAME TO account");
  expect((await send(form(), "second")).status).toBe(200);
  expect((await send(undone, "third")).status).toBe(200);
});

test("a request that died leaves its key for a minute; one that lived, for a day", async () => {
  const body = form();
  await send(body, "old");
  const age = (seconds: number) =>
    database().query(
      `UPDATE auth."idempotencyKey" SET "createdAt" = "createdAt" - make_interval(secs => $1)`,
      [seconds],
    );
  await age(86_300);
  expect((await send(body, "old")).status).toBe(200);
  await age(200);
  expect(await codeOf(await send(body, "old"))).toEqual([422, "email_taken"]);
  await send(form(), "new");
  await database().query(`UPDATE auth."idempotencyKey" SET "sessionId" = NULL`);
  expect(await codeOf(await send(form(), "new"))).toEqual([422, "idempotency_key_reused"]);
  await age(61);
  expect((await send(form(), "new")).status).toBe(200);
});

test("a record holds neither the key, nor the token, nor the password or a hash of it", async () => {
  const body = form();
  const answer = await send(body, "a secret key");
  const { access_token: token } = await answer.json();
  const { row } = await queryRow<{ row: string }>(
    `SELECT k::text AS row FROM auth."idempotencyKey" k JOIN auth."user" u ON u.id = k."userId" WHERE u.email = $1`,
    [body.email],
  );
  for (const secret of ["a secret key", token, token.split(".")[2], PASSWORD, body.email]) {
    expect(row).not.toContain(secret);
  }
});

test("records that are too old go when new ones come", async () => {
  await database().query(
    `INSERT INTO auth."idempotencyKey" (id, key, "bodyTag", "createdAt")
     SELECT g, g, '', now() - interval '2 days' FROM generate_series(1, 15) g`,
  );
  await send(form(), "fresh 1");
  await send(form(), "fresh 2");
  expect(
    await queryRow(
      `SELECT count(*)::int AS n FROM auth."idempotencyKey" WHERE "createdAt" < now() - interval '1 day'`,
    ),
  ).toEqual({ n: 0 });
});
