import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { database } from "#server/database.ts";
import { handleAuthRequest } from "#server/identity/handler.ts";
import { GUESSES } from "#server/identity/plugins/guessing.ts";
import { testDatabase } from "../../../../test/database.ts";
import { type MailServer, startMailServer, tokenIn } from "../../../../test/mail-server.ts";
import { cookieOf, freshEmail, PASSWORD, pageRequest, post, signUp } from "../../../../test/people.ts";

testDatabase();

let mail: MailServer;
beforeAll(async () => {
  mail = await startMailServer();
  Object.assign(process.env, { SMTP_URL: mail.url, MAIL_FROM: "recall@example.com" });
});
afterAll(() => mail.close());
beforeEach(() => {
  mail.messages.length = 0;
});

const WRONG = "Wrong-horse-9";
let addresses = 0;

/** A sign-in from an address of its own. */
const attempt = (email: string, password = WRONG, cookie?: string) =>
  handleAuthRequest(
    pageRequest("/api/auth/sign-in/email", {
      method: "POST",
      body: { email, password },
      headers: { "x-client-ip": `2001:db8::${(++addresses).toString(16)}` },
      ...(cookie && { cookie }),
    }),
  );

const statusesOf = async (answers: Promise<Response>[]) =>
  (await Promise.all(answers)).map(({ status }) => status).toSorted();

const guessMany = (email: string, cookie?: string) =>
  statusesOf(Array.from({ length: 60 }, () => attempt(email, WRONG, cookie)));

const LIMITED = [...Array(GUESSES.burst).fill(401), ...Array(60 - GUESSES.burst).fill(429)];

/** Lets time pass for all that is counted. */
const wait = (seconds: number) =>
  database().query(
    `UPDATE auth.throttle SET "nextAt" = "nextAt" - make_interval(secs => $1), "lastAt" = "lastAt" - make_interval(secs => $1)`,
    [seconds],
  );

/** The cookie of the browser that has taken an answer's, without its session. */
const deviceOf = (answer: Response) =>
  cookieOf(answer)
    .split("; ")
    .filter((pair) => pair.startsWith("better-auth.known_device="))
    .join("; ");

describe("an outage between a right password and its session", () => {
  const fail = (code: string) =>
    database().query(`
      CREATE FUNCTION auth.fail() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '${code}'; END $$;
      CREATE TRIGGER fail BEFORE INSERT ON auth.session FOR EACH ROW EXECUTE FUNCTION auth.fail()`);
  const mend = () => database().query("DROP FUNCTION IF EXISTS auth.fail CASCADE");
  afterEach(mend);

  test("is no wrong guess: who tries all the while gets in when it is over", async () => {
    const { email } = await signUp();
    await fail("53100");
    for (let times = 0; times < GUESSES.burst + 2; times++) {
      expect((await attempt(email, PASSWORD)).status).toBe(503);
    }
    await mend();
    expect((await attempt(email, PASSWORD)).status).toBe(200);
  });

  test("lets nobody guess more often: a wrong password counts meanwhile, too", async () => {
    const { email } = await signUp();
    await fail("53100");
    expect(await guessMany(email)).toEqual(LIMITED);
  });
});

describe("sixty wrong passwords at once, each from another address", () => {
  test.each([
    ["an account", async () => (await signUp()).email],
    ["no account", async () => freshEmail()],
  ])("for %s: ten are answered, the rest has to wait", async (_, emailOf) => {
    const email = await emailOf();
    expect(await guessMany(email)).toEqual(LIMITED);
    const refused = await attempt(email.toUpperCase(), PASSWORD);
    expect([refused.status, (await refused.json()).code]).toEqual([429, "rate_limited"]);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(GUESSES.pause - 5);
    expect(Number(refused.headers.get("retry-after"))).toBeLessThanOrEqual(GUESSES.pause);
  });

  test("tell the owner once, and nobody where there is no account", async () => {
    const { email } = await signUp();
    const told = mail.next();
    await guessMany(freshEmail());
    await guessMany(email);
    expect(await told).toContain(`To: ${email}`);
    await wait(GUESSES.pause);
    await attempt(email);
    expect(mail.messages).toHaveLength(1);
  });
});

describe("the owner", () => {
  test("gets in again after the pause, and then nothing is left of it", async () => {
    const { email } = await signUp();
    await guessMany(email);
    await wait(GUESSES.pause);
    expect((await attempt(email, PASSWORD)).status).toBe(200);
    expect(await statusesOf([attempt(email), attempt(email)])).toEqual([401, 401]);
  });

  test("never waits longer than a quarter of an hour, however long somebody guesses", async () => {
    const { email } = await signUp();
    await guessMany(email);
    for (let i = 0; i < 12; i++) {
      await wait(GUESSES.longest);
      expect((await attempt(email)).status).toBe(401);
      expect(Number((await attempt(email)).headers.get("retry-after"))).toBeLessThanOrEqual(GUESSES.longest);
    }
  });

  test("is not slowed in a browser that signed in before, which counts by itself", async () => {
    const { email } = await signUp();
    const device = deviceOf(await attempt(email, PASSWORD));
    await guessMany(email);
    expect((await attempt(email, PASSWORD, device)).status).toBe(200);
    expect(await guessMany(email, device)).toEqual(LIMITED);
  });

  test("makes a browser known by setting a new password from the mail", async () => {
    const { email } = await signUp();
    await guessMany(email);
    await expect.poll(() => mail.messages.length).toBe(1);
    const arrival = mail.next();
    await post("/request-password-reset", undefined, { email });
    const newPassword = "Brand-new-horse-8";
    const answer = await post("/reset-password", undefined, { token: tokenIn(await arrival), newPassword });
    const device = deviceOf(answer);
    await guessMany(email);
    expect((await attempt(email, newPassword, device)).status).toBe(200);
  });

  test("can't be guessed at through a session either", async () => {
    const person = await signUp();
    const change = () => post("/change-password", person, { currentPassword: WRONG, newPassword: PASSWORD });
    expect(await statusesOf(Array.from({ length: 14 }, change))).toEqual([
      ...Array(GUESSES.burst).fill(400),
      ...Array(4).fill(429),
    ]);
  });
});

describe("the cookie of a known browser", () => {
  test("is signed, out of scripts' reach, and says nothing of the account", async () => {
    const { email, id } = await signUp();
    const set = (await attempt(email, PASSWORD)).headers
      .getSetCookie()
      .find((cookie) => cookie.startsWith("better-auth.known_device="));
    expect(set).toMatch(/HttpOnly/i);
    expect(set).toMatch(/SameSite=Lax/i);
    for (const secret of [email, id]) expect(decodeURIComponent(set ?? "")).not.toContain(secret);
  });

  test("of another account, or altered, helps nobody", async () => {
    const [{ email }, other] = [await signUp(), await signUp()];
    const device = deviceOf(await attempt(other.email, PASSWORD));
    const own = deviceOf(await attempt(email, PASSWORD));
    await guessMany(email);
    for (const cookie of [device, own.replace("~", "~x"), own.slice(0, -4)]) {
      expect((await attempt(email, PASSWORD, cookie)).status).toBe(429);
    }
  });
});

test("an attempt that has to wait writes nothing", async () => {
  const { email } = await signUp();
  await guessMany(email);
  const rows = async () => (await database().query("SELECT * FROM auth.throttle ORDER BY key")).rows;
  const before = await rows();
  await guessMany(email);
  expect(await rows()).toEqual(before);
});
