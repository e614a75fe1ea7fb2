import { decodeJwt } from "jose";
import { describe, expect, test } from "vitest";
import { database } from "#server/database.ts";
import { env } from "#server/env.ts";
import { handleAuthRequest } from "#server/identity/handler.ts";
import { queryRow, testDatabase } from "../../../../test/database.ts";
import {
  cookieOf,
  get,
  makeAdmin,
  PASSWORD,
  type Person,
  pageRequest,
  post,
  signIn,
  signUp,
} from "../../../../test/people.ts";

testDatabase();

const secondsLeft = ({ claims }: Person) =>
  queryRow<{ left: number; bound: number }>(
    `SELECT extract(epoch FROM "expiresAt" - now())::int AS left, extract(epoch FROM "mustEndAt" - now())::int AS bound
     FROM auth.session WHERE id = $1`,
    [claims.sid],
  );

/** Lets days pass for a session, as if it had been used a day and more ago. */
const age = ({ claims }: Person, days: number) =>
  database().query(
    `UPDATE auth.session SET "createdAt" = "createdAt" - make_interval(days => $2),
       "updatedAt" = now() - interval '2 days', "mustEndAt" = "mustEndAt" - make_interval(days => $2) WHERE id = $1`,
    [claims.sid, days],
  );

const DAY = 86_400;

describe("a session that is used all the time", () => {
  test("slides, but not beyond 180 days after it was opened", async () => {
    const person = await signUp();
    expect((await secondsLeft(person)).bound).toBeGreaterThan(env().SESSION_MAX_LIFETIME - 60);
    await age(person, 170);
    expect((await get("/get-session", person)).status).toBe(200);
    expect((await secondsLeft(person)).left).toBeLessThanOrEqual(10 * DAY);
    const answer = await get("/token", person);
    const { token } = await answer.json();
    expect((decodeJwt(token).exp ?? 0) - Date.now() / 1000).toBeLessThanOrEqual(10 * DAY);
  });

  test.each<[string, string]>([
    ["names no end", "NULL"],
    ["names a later end", "now() + interval '10 years'"],
  ])("is held to the bound by the database, when whoever opens it %s", async (_, end) => {
    const { id } = await signUp();
    await database().query(
      `INSERT INTO auth.session (id, token, "userId", "expiresAt", "updatedAt", "mustEndAt")
       VALUES ('by hand', 'by hand', $1, now() + interval '10 years', now(), ${end})`,
      [id],
    );
    const { left } = await queryRow<{ left: number }>(
      `DELETE FROM auth.session WHERE id = 'by hand' RETURNING extract(epoch FROM "expiresAt" - now())::int AS left`,
    );
    expect(left).toBeLessThanOrEqual(env().SESSION_MAX_LIFETIME);
  });

  test("may be bound to end earlier", async () => {
    const { id } = await signUp();
    const { left } = await queryRow<{ left: number }>(
      `INSERT INTO auth.session (id, token, "userId", "expiresAt", "updatedAt", "mustEndAt")
       VALUES ('short', 'short', $1, now() + interval '10 years', now(), now() + interval '1 day')
       RETURNING extract(epoch FROM "expiresAt" - now())::int AS left`,
      [id],
    );
    expect(left).toBeLessThanOrEqual(DAY);
  });

  test("ends then, and its bound can't be moved", async () => {
    const person = await signUp();
    await database().query(
      `UPDATE auth.session SET "mustEndAt" = now() + interval '1 year', "expiresAt" = now() + interval '1 year' WHERE id = $1`,
      [person.claims.sid],
    );
    expect((await secondsLeft(person)).left).toBeLessThanOrEqual(180 * DAY);
    await age(person, 180);
    expect(await (await get("/get-session", person)).json()).toBeNull();
  });
});

describe("signing in again", () => {
  const again = ({ email }: Person, cookie: string) =>
    handleAuthRequest(
      pageRequest("/api/auth/sign-in/email", { method: "POST", body: { email, password: PASSWORD }, cookie }),
    );
  const isAlive = async (person: Pick<Person, "cookie">) =>
    (await (await get("/get-session", person)).json()) !== null;

  test.each([
    ["as the same person", async (person: Person) => person],
    ["as somebody else", async () => signUp()],
  ])("in the same browser, %s, ends the session before", async (_, who) => {
    const [here, elsewhere] = await signUp().then(async (one) => [one, await signIn(one.email)] as const);
    const answer = await again(await who(here), here.cookie);
    expect(answer.status).toBe(200);
    expect(await isAlive({ cookie: cookieOf(answer) })).toBe(true);
    expect([await isAlive(here), await isAlive(elsewhere)]).toEqual([false, true]);
  });

  test("without success, or with a cookie that is not ours, ends none", async () => {
    const [here, other] = [await signUp(), await signUp()];
    await post("/sign-in/email", here, { email: here.email, password: "Wrong-horse-9" });
    await again(other, here.cookie.replace(/(session_token=[^.]+\.).{6}/, "$1AAAAAA"));
    expect(await isAlive(here)).toBe(true);
  });

  test("is not what acting as somebody does: the administrator's session stays", async () => {
    const [admin, person] = [await signUp(), await signUp()];
    await makeAdmin(admin);
    await post("/admin/impersonate-user", admin, { userId: person.id });
    expect(await isAlive(admin)).toBe(true);
  });
});
