import { describe, expect, test } from "vitest";
import { database } from "#server/database.ts";
import { handleAuthRequest } from "#server/identity/handler.ts";
import { queryRow, testDatabase } from "../../../../test/database.ts";
import {
  cookieOf,
  freshEmail,
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

const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

const isAlive = async (person: Person) => (await get("/token", person)).ok;

const isRevoked = async ({ claims }: Person) =>
  (await database().query("SELECT 1 FROM auth.revocation WHERE sid = $1", [claims.sid])).rows.length > 0;

/** Somebody at three places: the first of them, and the others. */
async function signedInThrice(): Promise<[Person, Person, Person]> {
  const first = await signUp();
  return [first, await signIn(first.email), await signIn(first.email)];
}

describe("the list of sessions", () => {
  test("has the caller's own, marks this one, and tells where the others are", async () => {
    const [here, elsewhere] = await signedInThrice();
    await signUp();
    await database().query('UPDATE auth.session SET "userAgent" = $2, "ipAddress" = $3 WHERE id = $1', [
      elsewhere.claims.sid,
      FIREFOX,
      "193.0.6.139",
    ]);
    const { sessions } = await (await get("/account/sessions", here)).json();
    expect(sessions).toHaveLength(3);
    const byId = new Map(sessions.map((session: { id: string }) => [session.id, session]));
    expect(byId.get(here.claims.sid)).toMatchObject({ current: true });
    expect(byId.get(elsewhere.claims.sid)).toMatchObject({
      current: false,
      device: { browser: "Firefox", os: "Linux", kind: "desktop" },
      ipAddress: "193.0.6.139",
      place: "Netherlands",
      createdAt: expect.any(String),
      lastSeenAt: expect.any(String),
    });
  });

  test("never has a session's token", async () => {
    const [here] = await signedInThrice();
    const text = await (await get("/account/sessions", here)).text();
    const { rows } = await database().query<{ token: string }>(
      'SELECT token FROM auth.session WHERE "userId" = $1',
      [here.id],
    );
    expect(rows).toHaveLength(3);
    for (const { token } of rows) expect(text).not.toContain(token);
  });

  test("leaves out what has expired", async () => {
    const [here, elsewhere] = await signedInThrice();
    await database().query(
      `UPDATE auth.session SET "expiresAt" = now() - interval '1 second' WHERE id = $1`,
      [elsewhere.claims.sid],
    );
    const { sessions } = await (await get("/account/sessions", here)).json();
    expect(sessions).toHaveLength(2);
  });

  test("is for those who are signed in", async () => {
    const answer = await get("/account/sessions");
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ code: "session_ended" });
  });
});

describe("the end of a session", () => {
  test("of one's own ends that one and its token", async () => {
    const [here, elsewhere, third] = await signedInThrice();
    const answer = await post("/account/sessions/end", here, { id: elsewhere.claims.sid });
    expect(await answer.json()).toEqual({ ended: 1, refusedAfter: null });
    expect(await Promise.all([here, elsewhere, third].map(isAlive))).toEqual([true, false, true]);
    expect(await Promise.all([here, elsewhere, third].map(isRevoked))).toEqual([false, true, false]);
  });

  test("of somebody else's is not found, and does not happen", async () => {
    const [eve, ada] = await Promise.all([signUp(), signUp()]);
    const answer = await post("/account/sessions/end", eve, { id: ada.claims.sid });
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ code: "not_found" });
    expect(await isAlive(ada)).toBe(true);
  });

  test("of this one takes the cookie too", async () => {
    const here = await signUp();
    const answer = await post("/account/sessions/end", here, { id: here.claims.sid });
    expect(answer.headers.getSetCookie().join()).toMatch(/session_token=;.*Max-Age=0/);
    expect(await isAlive(here)).toBe(false);
  });

  test("of all others leaves this one", async () => {
    const [here, ...others] = await signedInThrice();
    const bystander = await signUp();
    expect(await (await post("/account/sessions/end-others", here)).json()).toEqual({ ended: 2 });
    expect(await (await post("/account/sessions/end-others", here)).json()).toEqual({ ended: 0 });
    expect(await Promise.all([here, ...others, bystander].map(isAlive))).toEqual([true, false, false, true]);
  });

  test("of all leaves none", async () => {
    const everywhere = await signedInThrice();
    const bystander = await signUp();
    expect(await (await post("/account/sessions/end-all", everywhere[0])).json()).toEqual({ ended: 3 });
    expect(await Promise.all([...everywhere, bystander].map(isAlive))).toEqual([false, false, false, true]);
    expect(await Promise.all(everywhere.map(isRevoked))).toEqual([true, true, true]);
  });

  test("can't be asked for by another site's page", async () => {
    const here = await signUp();
    const answer = await handleAuthRequest(
      pageRequest("/api/auth/account/sessions/end-all", {
        method: "POST",
        body: {},
        cookie: here.cookie,
        headers: { origin: "https://evil.example" },
      }),
    );
    expect(answer.status).toBe(403);
    expect(await isAlive(here)).toBe(true);
  });

  test("by sign-out is final for its token", async () => {
    const here = await signUp();
    expect((await post("/sign-out", here)).status).toBe(200);
    expect(await isAlive(here)).toBe(false);
    expect(await isRevoked(here)).toBe(true);
  });
});

type Recorded = { type: string; actorId: string | null; subjectId: string; details: string | null };

const eventsAbout = async ({ id }: { id: string }) =>
  (
    await database().query<Recorded>(
      'SELECT type, "actorId", "subjectId", details FROM auth."auditEvent" WHERE "subjectId" = $1 ORDER BY "createdAt", id',
      [id],
    )
  ).rows;

describe("what happens is recorded", () => {
  test("with who did it, from where", async () => {
    const email = freshEmail();
    const headers = { "user-agent": FIREFOX, "x-client-ip": "193.0.6.139" };
    const request = (path: string, body: unknown, cookie?: string) =>
      handleAuthRequest(
        pageRequest(`/api/auth${path}`, { method: "POST", body, headers, ...(cookie && { cookie }) }),
      );
    await request("/sign-up/email", { name: "Ada", email, password: PASSWORD });
    const { rows } = await database().query(
      'SELECT e.type, e."ipAddress", e."userAgent", e."actorId" = u.id AS own FROM auth."auditEvent" e JOIN auth."user" u ON u.id = e."subjectId" WHERE u.email = $1',
      [email],
    );
    expect(rows).toEqual([{ type: "signed_up", ipAddress: "193.0.6.139", userAgent: FIREFOX, own: true }]);
  });

  test("for each thing that a person does", async () => {
    const [here, elsewhere] = await signedInThrice();
    await post("/account/sessions/end", here, { id: elsewhere.claims.sid });
    await post("/account/sessions/end-others", here);
    await post("/sign-out", here);
    const events = await eventsAbout(here);
    expect(events.map(({ type }) => type)).toEqual([
      "signed_up",
      "signed_in",
      "signed_in",
      "session_ended",
      "other_sessions_ended",
      "signed_out",
    ]);
    expect(new Set(events.map(({ actorId }) => actorId))).toEqual(new Set([here.id]));
  });

  test("for each thing that an administrator does to somebody", async () => {
    const [admin, person] = await Promise.all([signUp(), signUp()]);
    await makeAdmin(admin);
    const userId = person.id;
    await post("/admin/set-role", admin, { userId, role: "admin" });
    await post("/admin/ban-user", admin, { userId, banReason: "spam" });
    await post("/admin/unban-user", admin, { userId });
    await post("/admin/revoke-user-sessions", admin, { userId });
    await post("/admin/remove-user", admin, { userId });
    const [, ...events] = await eventsAbout(person);
    expect(events.map(({ type, actorId, details }) => [type, actorId, details])).toEqual([
      ["role_changed", admin.id, "admin"],
      ["banned", admin.id, "spam"],
      ["unbanned", admin.id, null],
      ["all_sessions_ended", admin.id, null],
      ["user_deleted", admin.id, null],
    ]);
  });

  test("with details for a promotion and a ban by way of a user's fields", async () => {
    const [admin, person] = await Promise.all([signUp(), signUp()]);
    await makeAdmin(admin);
    const update = async (data: object) => {
      expect((await post("/admin/update-user", admin, { userId: person.id, data })).status).toBe(200);
    };
    await update({ role: "admin", name: "Bob" });
    await update({ banned: true, banReason: "spam" });
    await update({ banned: false });
    const [, ...events] = await eventsAbout(person);
    expect(events.map(({ type, actorId, details }) => [type, actorId, details])).toEqual([
      ["role_changed", admin.id, "admin"],
      ["user_changed", admin.id, "name"],
      ["banned", admin.id, "spam"],
      ["unbanned", admin.id, null],
    ]);
  });

  test("as a change of role too when an administrator is made", async () => {
    const admin = await signUp();
    await makeAdmin(admin);
    const body = { email: freshEmail(), name: "Bob", password: PASSWORD, role: "admin" };
    const { user } = await (await post("/admin/create-user", admin, body)).json();
    // Both bear the same time, so neither comes first.
    const events = (await eventsAbout(user)).toSorted((one, other) => one.type.localeCompare(other.type));
    expect(events).toMatchObject([
      { type: "role_changed", actorId: admin.id, details: "admin" },
      { type: "signed_up", actorId: admin.id },
    ]);
  });

  test("when a sign-in fails: from where, and for which account if there is one", async () => {
    const person = await signUp();
    const attempt = (email: string) =>
      handleAuthRequest(
        pageRequest("/api/auth/sign-in/email", {
          method: "POST",
          body: { email, password: "Wrong-horse-9" },
          headers: { "user-agent": FIREFOX, "x-client-ip": "193.0.6.139" },
        }),
      );
    await attempt(person.email);
    for (let i = 0; i < 70; i++) await attempt(freshEmail());
    const { rows } = await database().query(
      `SELECT "subjectId", "actorId", "ipAddress", "userAgent", count(*)::int AS count FROM auth."auditEvent"
       WHERE type = 'sign_in_failed' AND "subjectId" IN ($1, 'no-account') GROUP BY 1, 2, 3, 4 ORDER BY count`,
      [person.id],
    );
    const place = { actorId: null, ipAddress: "193.0.6.139", userAgent: FIREFOX };
    expect(rows).toEqual([
      { subjectId: person.id, ...place, count: 1 },
      { subjectId: "no-account", ...place, count: 60 },
    ]);
    const { events } = await (await get("/account/activity", person)).json();
    expect(events[0]).toMatchObject({ type: "sign_in_failed", actor: "unknown", ipAddress: "193.0.6.139" });
  });

  test("for an account and a single session that an administrator sees to", async () => {
    const [admin, person] = await Promise.all([signUp(), signUp()]);
    await makeAdmin(admin);
    const made = await post("/admin/create-user", admin, {
      email: freshEmail(),
      name: "Bob",
      password: PASSWORD,
      role: "user",
    });
    const { user } = await made.json();
    expect(await eventsAbout(user)).toMatchObject([{ type: "signed_up", actorId: admin.id }]);
    const { token } = await queryRow<{ token: string }>("SELECT token FROM auth.session WHERE id = $1", [
      person.claims.sid,
    ]);
    expect((await post("/admin/revoke-user-session", admin, { sessionToken: token })).status).toBe(200);
    const [, ended] = await eventsAbout(person);
    expect(ended).toMatchObject({ type: "session_ended", actorId: admin.id });
  });

  test("for what an administrator does in somebody's name", async () => {
    const [admin, person] = await Promise.all([signUp(), signUp()]);
    await makeAdmin(admin);
    const taken = await post("/admin/impersonate-user", admin, { userId: person.id });
    const acting = { cookie: cookieOf(taken) };
    await post("/account/sessions/end-others", acting);
    expect((await post("/admin/stop-impersonating", acting)).status).toBe(200);
    const [, ...events] = await eventsAbout(person);
    expect(events.map(({ type, actorId }) => [type, actorId])).toEqual([
      ["impersonated", admin.id],
      ["other_sessions_ended", admin.id],
      ["impersonation_ended", admin.id],
    ]);
  });

  test("but not what was refused", async () => {
    const [eve, person] = await Promise.all([signUp(), signUp()]);
    for (const path of ["/admin/set-role", "/admin/ban-user", "/admin/remove-user"]) {
      expect((await post(path, eve, { userId: person.id, role: "admin" })).status).toBe(403);
    }
    await post("/account/sessions/end", eve, { id: person.claims.sid });
    expect((await eventsAbout(person)).map(({ type }) => type)).toEqual(["signed_up"]);
    expect((await eventsAbout(eve)).map(({ type }) => type)).toEqual(["signed_up"]);
  });
});

describe("recent activity", () => {
  test("is shown to the person it concerns, latest first, without an administrator's address", async () => {
    const [admin, person] = await Promise.all([signUp(), signUp()]);
    await makeAdmin(admin);
    await post("/admin/set-role", admin, { userId: person.id, role: "user" });
    const again = await signIn(person.email);
    const { events, next } = await (await get("/account/activity", again)).json();
    expect(next).toBeNull();
    expect(events.map(({ type, actor }: { type: string; actor: string }) => [type, actor])).toEqual([
      ["signed_in", "you"],
      ["role_changed", "administrator"],
      ["signed_up", "you"],
    ]);
    expect(events[1]).toMatchObject({ ipAddress: null, place: null });
  });

  test("is not shown to anybody else", async () => {
    const [eve, ada] = await Promise.all([signUp(), signUp()]);
    const { events } = await (await get("/account/activity", eve)).json();
    expect(events).toHaveLength(1);
    expect(JSON.stringify(events)).not.toContain(ada.id);
    expect((await get("/account/activity")).status).toBe(401);
  });

  test("comes in pages that join without a gap", async () => {
    const person = await signUp();
    await database().query(
      `INSERT INTO auth."auditEvent" (id, type, "actorId", "subjectId", "createdAt")
       SELECT 'event-' || n, 'signed_in', $1, $1, now() - n * interval '1 minute' FROM generate_series(1, 44) n`,
      [person.id],
    );
    const seen: string[] = [];
    let after = "";
    for (let page = 0; page < 4; page++) {
      const { events, next } = await (await get(`/account/activity${after}`, person)).json();
      seen.push(...events.map(({ id }: { id: string }) => id));
      if (!next) break;
      after = `?after=${encodeURIComponent(next)}`;
    }
    expect(seen).toHaveLength(45);
    expect(new Set(seen).size).toBe(45);
  });
});
