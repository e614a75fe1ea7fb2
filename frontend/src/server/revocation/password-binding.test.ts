import { setTimeout as sleep } from "node:timers/promises";
import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { twoFactor } from "better-auth/plugins";
import { passwordBinding } from "better-auth-revocation/composition";
import { describe, expect, test } from "vitest";
import { database } from "#server/database.ts";
import { queryRow, testDatabase } from "../../../test/database.ts";
import {
  cookieOf,
  freshEmail,
  get,
  makeAdmin,
  ORIGIN,
  PASSWORD,
  type Person,
  post,
  signIn,
  signUp,
} from "../../../test/people.ts";

testDatabase();

const NEW_PASSWORD = "Brand-new-horse-8";

const sessionsOf = async ({ id }: { id: string }) =>
  (await database().query<{ id: string }>('SELECT id FROM auth.session WHERE "userId" = $1', [id])).rows.map(
    (row) => row.id,
  );

const attempt = (person: Person, password = PASSWORD) =>
  post("/sign-in/email", undefined, { email: person.email, password });

/** Resolves once so many connections wait for another one's lock. */
async function untilBlocked(count: number): Promise<void> {
  for (let tries = 0; tries < 1000; tries++) {
    const { rows } = await database().query(
      "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
    );
    if (rows.length >= count) return;
    await sleep(2);
  }
  throw new Error("nobody waits");
}

/** Runs `work` while a change by plain SQL is made but not committed. */
async function duringChange<T>(
  statement: string,
  id: string,
  work: () => Promise<T>,
  blocked = 1,
): Promise<T> {
  const client = await database().connect();
  try {
    await client.query("BEGIN");
    await client.query(statement, [id]);
    const answer = work();
    await untilBlocked(blocked);
    await client.query("COMMIT");
    return await answer;
  } finally {
    client.release();
  }
}

describe("a sign-in that has verified a password", () => {
  test("is refused when that is changed before the session is opened", async () => {
    const person = await signUp();
    const change = `UPDATE auth.account SET password = 'another' WHERE "userId" = $1`;
    const answer = await duringChange(change, person.id, () => attempt(person));
    expect([answer.status, (await answer.json()).code]).toEqual([401, "invalid_credentials"]);
    expect(await sessionsOf(person)).toEqual([]);
  });

  test("is refused when its user is banned before the session is opened", async () => {
    const person = await signUp();
    const ban = `UPDATE auth."user" SET banned = true WHERE id = $1`;
    const answer = await duringChange(ban, person.id, () => attempt(person));
    expect([answer.status, (await answer.json()).code]).toEqual([403, "account_banned"]);
    expect(await sessionsOf(person)).toEqual([]);
  });
});

describe("a change of the password that has verified the former one", () => {
  const toNew = (person: Person, newPassword = NEW_PASSWORD) =>
    post("/change-password", person, { currentPassword: PASSWORD, newPassword });

  test("is refused when another change was committed before", async () => {
    const person = await signUp();
    const change = `UPDATE auth.account SET password = 'another' WHERE "userId" = $1`;
    const answer = await duringChange(change, person.id, () => toNew(person));
    expect([answer.status, (await answer.json()).code]).toEqual([401, "invalid_credentials"]);
    expect(await sessionsOf(person)).toEqual([]);
    const { password } = await queryRow<{ password: string }>(
      'SELECT password FROM auth.account WHERE "userId" = $1',
      [person.id],
    );
    expect(password).toBe("another");
  });

  test("goes through when what was committed before left the password alone", async () => {
    const person = await signUp();
    const change = `UPDATE auth.account SET "updatedAt" = now() WHERE "userId" = $1`;
    const answer = await duringChange(change, person.id, () => toNew(person));
    expect(answer.status).toBe(200);
    expect((await get("/get-session", { cookie: cookieOf(answer) })).status).toBe(200);
    expect(await sessionsOf(person)).toHaveLength(1);
  });

  test("is one of two at once, and the other is refused", async () => {
    const person = await signUp();
    const passwords = [NEW_PASSWORD, "Another-new-horse-9"];
    const hold = `SELECT FROM auth.account WHERE "userId" = $1 FOR UPDATE`;
    const answers = await duringChange(
      hold,
      person.id,
      () => Promise.all(passwords.map((password) => toNew(person, password))),
      2,
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401]);
    const winner = answers[0]?.status === 200 ? 0 : 1;
    expect(await sessionsOf(person)).toHaveLength(1);
    expect((await attempt(person, passwords[winner])).status).toBe(200);
    expect((await attempt(person, passwords[1 - winner])).status).toBe(401);
  });
});

describe("after a new password no session of the former one lives, whatever was on its way", () => {
  const changes: Record<
    string,
    { change: (person: Person, admin: Person) => Promise<Response>; left: number }
  > = {
    "change-password": {
      change: (person) =>
        post("/change-password", person, { currentPassword: PASSWORD, newPassword: NEW_PASSWORD }),
      left: 1,
    },
    "admin/set-user-password": {
      change: (person, admin) =>
        post("/admin/set-user-password", admin, { userId: person.id, newPassword: NEW_PASSWORD }),
      left: 0,
    },
    "reset-password": {
      change: async (person) => {
        const token = crypto.randomUUID();
        const { auth } = await import("#server/identity/server.ts");
        await (await auth().$context).internalAdapter.createVerificationValue({
          identifier: `reset-password:${token}`,
          value: person.id,
          expiresAt: new Date(Date.now() + 60_000),
        });
        return post("/reset-password", undefined, { token, newPassword: NEW_PASSWORD });
      },
      left: 0,
    },
  };

  test.each(Object.entries(changes))("%s", async (_, { change, left }) => {
    const admin = await signUp();
    await makeAdmin(admin);
    for (let round = 0; round < 4; round++) {
      const person = await signUp();
      let changed = false;
      const attempts = Array.from({ length: 3 }, async () => {
        while (!changed) await attempt(person);
      });
      await sleep(10 * round);
      const answer = await change(person, admin);
      changed = true;
      await Promise.all(attempts);
      expect(answer.status).toBe(200);
      expect(await sessionsOf(person)).toHaveLength(left);
      if (left) expect((await get("/get-session", { cookie: cookieOf(answer) })).status).toBe(200);
      await expect(signIn(person.email, NEW_PASSWORD)).resolves.toBeDefined();
    }
  });
});

test("no answer tells a session's fingerprint", async () => {
  const admin = await signUp();
  await makeAdmin(admin);
  const stored = await queryRow<{ passwordFingerprint: string }>(
    'SELECT "passwordFingerprint" FROM auth.session WHERE id = $1',
    [admin.claims.sid],
  );
  expect(stored.passwordFingerprint).toMatch(/^[0-9a-f]{64}$/);
  const answers = await Promise.all([
    get("/get-session", admin),
    get("/list-sessions", admin),
    get("/account/sessions", admin),
    post("/admin/list-user-sessions", admin, { userId: admin.id }),
    post("/admin/impersonate-user", admin, { userId: (await signUp()).id }),
    attempt(admin),
  ]);
  for (const answer of answers) {
    expect(answer.status).toBe(200);
    expect(await answer.text()).not.toMatch(/fingerprint|[0-9a-f]{64}/i);
  }
});

describe("with a second factor", () => {
  /** What runs right before the next session is stored. */
  let interruption: (() => Promise<unknown>) | undefined;

  const provider = () =>
    betterAuth({
      baseURL: ORIGIN,
      secret: "a secret of the tests, 32 characters and more",
      database: database(),
      emailAndPassword: { enabled: true },
      rateLimit: { enabled: false },
      logger: { disabled: true },
      databaseHooks: {
        session: {
          create: {
            before: async () => {
              await interruption?.();
            },
          },
        },
      },
      plugins: [passwordBinding(), twoFactor({ skipVerificationOnEnable: true })],
    });

  type Provider = ReturnType<typeof provider>;

  const call = (auth: Provider, path: string, body: object, cookie = "") =>
    auth.handler(
      new Request(`${ORIGIN}/api/auth${path}`, {
        method: "POST",
        headers: { origin: ORIGIN, "content-type": "application/json", cookie },
        body: JSON.stringify(body),
      }),
    );

  const change = (email: string) =>
    database().query(
      `UPDATE auth.account SET password = 'another' FROM auth."user" u WHERE u.id = "userId" AND u.email = $1`,
      [email],
    );

  /** Somebody who has given the password and not yet the second factor. */
  async function halfway() {
    interruption = undefined;
    const auth = provider();
    await (await getMigrations(auth.options)).runMigrations();
    const email = freshEmail();
    const signedUp = await call(auth, "/sign-up/email", { name: "Ada", email, password: PASSWORD });
    const enabled = await call(auth, "/two-factor/enable", { password: PASSWORD }, cookieOf(signedUp));
    const { backupCodes } = (await enabled.json()) as { backupCodes: string[] };
    const challenged = await call(auth, "/sign-in/email", { email, password: PASSWORD });
    expect(await challenged.json()).toMatchObject({ twoFactorRedirect: true });
    const body = { code: backupCodes[0], trustDevice: true };
    const { id } = await queryRow<{ id: string }>('SELECT id FROM auth."user" WHERE email = $1', [email]);
    await database().query('DELETE FROM auth.session WHERE "userId" = $1', [id]);
    return {
      id,
      email,
      finish: () => call(auth, "/two-factor/verify-backup-code", body, cookieOf(challenged)),
    };
  }

  test("a sign-in is finished with the present password", async () => {
    const person = await halfway();
    expect((await person.finish()).status).toBe(200);
    expect(await sessionsOf(person)).toHaveLength(1);
  });

  test("a pending one, and a trusted device, end with the password", async () => {
    const person = await halfway();
    await change(person.email);
    expect((await person.finish()).status).toBe(401);
    expect(await sessionsOf(person)).toEqual([]);
    expect(
      await queryRow("SELECT count(*)::int AS n FROM auth.verification WHERE value = $1", [person.id]),
    ).toEqual({
      n: 0,
    });
  });

  test("one that was just finished opens no session when the password is changed before", async () => {
    const person = await halfway();
    interruption = () => change(person.email);
    expect((await person.finish()).status).toBe(500);
    expect(await sessionsOf(person)).toEqual([]);
  });
});
