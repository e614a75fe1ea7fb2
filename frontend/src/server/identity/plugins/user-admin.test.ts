import { describe, expect, test } from "vitest";
import { database } from "#server/database.ts";
import { queryRow, testDatabase } from "../../../../test/database.ts";
import { get, makeAdmin, type Person, post, signIn, signUp } from "../../../../test/people.ts";

testDatabase();

const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

async function administrator(): Promise<Person> {
  const admin = await signUp();
  await makeAdmin(admin);
  return admin;
}

const isAlive = async (person: Person) => (await get("/token", person)).ok;

const reads = (userId: string) => [
  "/admin/users",
  `/admin/user/sessions?userId=${userId}`,
  `/admin/user/activity?userId=${userId}`,
];

describe("who may see another user", () => {
  test("is an administrator", async () => {
    const [admin, person] = [await administrator(), await signUp()];
    for (const path of reads(person.id)) expect((await get(path, admin)).status, path).toBe(200);
  });

  test("is nobody else, and nobody who is not signed in", async () => {
    const [eve, person] = [await signUp(), await signUp()];
    for (const path of reads(person.id)) {
      const refused = await get(path, eve);
      expect([refused.status, (await refused.json()).code], path).toEqual([403, "insufficient_role"]);
      expect((await get(path)).status, path).toBe(401);
    }
  });

  test("is no administrator any more, as soon as the role is gone", async () => {
    const [admin, person] = [await administrator(), await signUp()];
    await database().query(`UPDATE auth."user" SET role = 'user' WHERE id = $1`, [admin.id]);
    for (const path of reads(person.id)) expect((await get(path, admin)).status, path).toBe(403);
  });

  test("finds nothing of a user that there is not", async () => {
    const admin = await administrator();
    for (const path of reads("nobody").slice(1)) expect((await get(path, admin)).status, path).toBe(404);
  });
});

describe("users", () => {
  test("are found by a part of the name or the address, in any case, newest first", async () => {
    const admin = await administrator();
    const older = await signUp(`grace-${crypto.randomUUID()}@example.com`, "Somebody");
    const newer = await signUp(undefined, "Grace Hopper");
    const { users, total } = await (await get("/admin/users?search=gRACE", admin)).json();
    expect([users.map(({ id }: { id: string }) => id), total]).toEqual([[newer.id, older.id], 2]);
    expect(await (await get("/admin/users?search=no-such-user", admin)).json()).toEqual({
      users: [],
      total: 0,
    });
  });

  test("come without what is nobody's to see", async () => {
    const admin = await administrator();
    const { users } = await (await get("/admin/users", admin)).json();
    expect(Object.keys(users[0]).sort()).toEqual(
      ["id", "name", "email", "createdAt", "role", "banned", "banReason", "banExpires"].sort(),
    );
  });

  test.each(["%", "_", "\\", "'; DROP TABLE auth.session; --"])(
    "searched for as %s are no pattern",
    async (search) => {
      const admin = await administrator();
      const answer = await get(`/admin/users?search=${encodeURIComponent(search)}`, admin);
      expect([answer.status, (await answer.json()).total]).toEqual([200, 0]);
    },
  );
});

describe("a user's sessions", () => {
  test("are listed with their devices, and never with a token", async () => {
    const [admin, person] = [await administrator(), await signUp()];
    await database().query('UPDATE auth.session SET "userAgent" = $2 WHERE id = $1', [
      person.claims.sid,
      FIREFOX,
    ]);
    const text = await (await get(`/admin/user/sessions?userId=${person.id}`, admin)).text();
    expect(JSON.parse(text).sessions).toMatchObject([
      { id: person.claims.sid, current: false, device: { browser: "Firefox", os: "Linux" } },
    ]);
    const { token } = await queryRow<{ token: string }>("SELECT token FROM auth.session WHERE id = $1", [
      person.claims.sid,
    ]);
    expect(text).not.toContain(token);
  });

  test("are ended one by one by an administrator, which is put on record with the device", async () => {
    const [admin, here] = [await administrator(), await signUp()];
    const elsewhere = await signIn(here.email);
    await database().query('UPDATE auth.session SET "userAgent" = $2 WHERE id = $1', [
      elsewhere.claims.sid,
      FIREFOX,
    ]);
    const body = { userId: here.id, id: elsewhere.claims.sid };
    expect((await post("/admin/user/sessions/end", admin, body)).status).toBe(200);
    expect(await Promise.all([here, elsewhere, admin].map(isAlive))).toEqual([true, false, true]);
    const { events } = await (await get(`/admin/user/activity?userId=${here.id}`, admin)).json();
    expect(events[0]).toMatchObject({
      type: "session_ended",
      actor: "administrator",
      ended: { browser: "Firefox", os: "Linux" },
    });
    const recorded = await queryRow<{ actorId: string }>(
      `SELECT "actorId" FROM auth."auditEvent" WHERE "subjectId" = $1 AND type = 'session_ended'`,
      [here.id],
    );
    expect(recorded.actorId).toBe(admin.id);
  });

  test("are not ended by others, nor under another user's name, and nothing is recorded", async () => {
    const [admin, eve, person] = [await administrator(), await signUp(), await signUp()];
    const id = person.claims.sid;
    expect((await post("/admin/user/sessions/end", eve, { userId: person.id, id })).status).toBe(403);
    expect((await post("/admin/user/sessions/end", undefined, { userId: person.id, id })).status).toBe(401);
    expect((await post("/admin/user/sessions/end", admin, { userId: eve.id, id })).status).toBe(404);
    expect(await isAlive(person)).toBe(true);
    const { events } = await (await get(`/admin/user/activity?userId=${person.id}`, admin)).json();
    expect(events.map(({ type }: { type: string }) => type)).toEqual(["signed_up"]);
  });
});

test("what happened to a user is shown to an administrator with where an administrator did it from", async () => {
  const [admin, person] = [await administrator(), await signUp()];
  await post("/admin/ban-user", admin, { userId: person.id, banReason: "spam" });
  await database().query(
    `UPDATE auth."auditEvent" SET "ipAddress" = '193.0.6.139' WHERE "subjectId" = $1 AND type = 'banned'`,
    [person.id],
  );
  const { events, next } = await (await get(`/admin/user/activity?userId=${person.id}`, admin)).json();
  expect(next).toBeNull();
  expect(events).toMatchObject([
    {
      type: "banned",
      actor: "administrator",
      details: "spam",
      ipAddress: "193.0.6.139",
      place: "Netherlands",
    },
    { type: "signed_up", actor: "you" },
  ]);
});
