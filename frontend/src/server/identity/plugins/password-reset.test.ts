import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { database } from "#server/database.ts";
import { queryRow, testDatabase } from "../../../../test/database.ts";
import { type MailServer, startMailServer, tokenIn } from "../../../../test/mail-server.ts";
import {
  freshEmail,
  get,
  makeAdmin,
  PASSWORD,
  type Person,
  post,
  signIn,
  signUp,
} from "../../../../test/people.ts";

testDatabase();

const NEW_PASSWORD = "Brand-new-horse-8";
let mail: MailServer;

beforeAll(async () => {
  mail = await startMailServer();
  Object.assign(process.env, { SMTP_URL: mail.url, MAIL_FROM: "recall@example.com" });
});
afterAll(async () => {
  await mail.close();
});
afterEach(() => {
  mail.messages.length = 0;
});

const ask = (email: string) => post("/request-password-reset", undefined, { email });

const reset = (token: string, newPassword = NEW_PASSWORD) =>
  post("/reset-password", undefined, { token, newPassword });

/** The token that somebody's mailbox gets. */
async function tokenFor({ email }: Person): Promise<string> {
  const arrival = mail.next();
  expect((await ask(email)).status).toBe(200);
  return tokenIn(await arrival);
}

/** How many links the database holds for somebody. */
const linksOf = async ({ id }: Person) =>
  (await database().query("SELECT 1 FROM auth.verification WHERE value = $1", [id])).rowCount;

const outcomeOf = async (answer: Response) => [answer.status, (await answer.json()).code];

describe("a link by mail", () => {
  test("sets a new password, and ends every session and its token", async () => {
    const person = await signUp();
    const elsewhere = await signIn(person.email);
    expect((await reset(await tokenFor(person))).status).toBe(200);
    for (const one of [person, elsewhere]) {
      expect((await get("/token", one)).status).toBe(401);
      const { rowCount } = await database().query(
        "SELECT 1 FROM auth.revocation WHERE sid = $1 OR (sub = $2 AND min_ver > $3)",
        [one.claims.sid, one.claims.sub, one.claims.ver],
      );
      expect(rowCount).toBeGreaterThan(0);
    }
    await expect(signIn(person.email)).rejects.toThrow("invalid_credentials");
    await expect(signIn(person.email, NEW_PASSWORD)).resolves.toBeDefined();
  });

  test("is recorded as what the person did", async () => {
    const person = await signUp();
    await reset(await tokenFor(person));
    expect(
      await queryRow(
        'SELECT type, "actorId" FROM auth."auditEvent" WHERE "subjectId" = $1 ORDER BY "createdAt" DESC',
        [person.id],
      ),
    ).toEqual({ type: "password_reset", actorId: person.id });
  });

  test("goes to the account's address, from ours, and has its token where no server sees it", async () => {
    const person = await signUp();
    const arrival = mail.next();
    await ask(person.email);
    const message = await arrival;
    expect(message).toContain(`To: ${person.email}`);
    expect(message).toContain("From: recall@example.com");
    expect(message).toMatch(/http:\/\/localhost:3000\/reset-password#[\w-]+/);
  });

  test("is good once, also when it is used twice at a time", async () => {
    const token = await tokenFor(await signUp());
    const answers = await Promise.all([reset(token), reset(token, "Another-new-horse-9")]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 400]);
    expect(await outcomeOf(await reset(token))).toEqual([400, "link_invalid"]);
  });

  test("is good for an hour", async () => {
    const person = await signUp();
    const token = await tokenFor(person);
    const { seconds } = await queryRow<{ seconds: number }>(
      `SELECT extract(epoch FROM "expiresAt" - now())::float8 AS seconds FROM auth.verification WHERE value = $1`,
      [person.id],
    );
    expect(seconds).toBeGreaterThan(3500);
    expect(seconds).toBeLessThanOrEqual(3600);
    await database().query(
      `UPDATE auth.verification SET "expiresAt" = now() - interval '1 s' WHERE value = $1`,
      [person.id],
    );
    expect(await outcomeOf(await reset(token))).toEqual([400, "link_invalid"]);
    await expect(signIn(person.email)).resolves.toBeDefined();
  });

  test("survives a password that is too weak", async () => {
    const token = await tokenFor(await signUp());
    expect(await outcomeOf(await reset(token, "weak"))).toEqual([422, "password_policy"]);
    expect((await reset(token)).status).toBe(200);
  });

  test.each([
    [
      "themselves",
      (person: Person) =>
        post("/change-password", person, { currentPassword: PASSWORD, newPassword: "Third-horse-3" }),
    ],
    [
      "an administrator",
      async (person: Person) => {
        const admin = await signUp();
        await makeAdmin(admin);
        return post("/admin/set-user-password", admin, { userId: person.id, newPassword: "Third-horse-3" });
      },
    ],
  ])("is void once %s set another password", async (_, setPassword) => {
    const person = await signUp();
    const token = await tokenFor(person);
    expect((await setPassword(person)).status).toBe(200);
    expect(await outcomeOf(await reset(token))).toEqual([400, "link_invalid"]);
    await expect(signIn(person.email, "Third-horse-3")).resolves.toBeDefined();
  });

  test("can't be made from what the database holds", async () => {
    const person = await signUp();
    const token = await tokenFor(person);
    const held = await queryRow("SELECT * FROM auth.verification WHERE value = $1", [person.id]);
    expect(JSON.stringify(held)).not.toContain(token);
  });
});

describe("asking for a link", () => {
  test("is answered alike for an address without an account, to which nothing is sent", async () => {
    const person = await signUp();
    const arrival = mail.next();
    const [unknown, known] = await Promise.all([ask(freshEmail()), ask(person.email)]);
    await arrival;
    expect(unknown.status).toBe(200);
    expect(await unknown.json()).toEqual(await known.json());
    expect(mail.messages).toHaveLength(1);
  });

  const wait = (seconds: number) =>
    database().query(
      `UPDATE auth.throttle SET "nextAt" = "nextAt" - make_interval(secs => $1), "lastAt" = "lastAt" - make_interval(secs => $1)`,
      [seconds],
    );

  test("again within a minute sends no second one and stores nothing, and later does", async () => {
    const person = await signUp();
    await tokenFor(person);
    expect((await ask(person.email)).status).toBe(200);
    expect((await ask(person.email.toUpperCase())).status).toBe(200);
    await tokenFor(await signUp());
    expect(mail.messages.filter((message) => message.includes(person.email))).toHaveLength(1);
    expect(await linksOf(person)).toBe(1);
    await wait(60);
    await tokenFor(person);
    expect(await linksOf(person)).toBe(2);
  });

  test("by somebody else every forty seconds does not keep the owner from getting one", async () => {
    const person = await signUp();
    await tokenFor(person);
    await wait(40);
    await ask(person.email);
    await wait(40);
    await tokenFor(person);
  });

  test("many times at once sends one", async () => {
    const person = await signUp();
    const arrival = mail.next();
    await Promise.all(Array.from({ length: 8 }, () => ask(person.email)));
    await arrival;
    expect(await linksOf(person)).toBe(1);
  });

  test("is an outage while no mail can be sent, whoever asks", async () => {
    const { email } = await signUp();
    const port = Number(new URL(mail.url).port);
    await mail.close();
    try {
      for (const address of [email, freshEmail()]) {
        const answer = await ask(address);
        expect(answer.headers.get("retry-after")).toBe("30");
        expect(await outcomeOf(answer)).toEqual([503, "mail_unavailable"]);
      }
    } finally {
      mail = await startMailServer(port);
    }
    expect((await ask(email)).status).toBe(200);
  });

  test("leaves neither address nor token in the log", async () => {
    const lines = ["log", "warn", "error"].map((level) => vi.spyOn(console, level as "log"));
    const person = await signUp();
    const token = await tokenFor(person);
    await ask(freshEmail());
    await reset("made-up-token-of-somebody");
    await reset(token);
    const said = JSON.stringify(lines.map(({ mock }) => mock.calls));
    for (const secret of [person.email, token, "made-up-token"]) expect(said).not.toContain(secret);
  });
});
