import { type BetterAuthPlugin, betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { twoFactor } from "better-auth/plugins";
import { decodeProtectedHeader } from "jose";
import { Client } from "pg";
import { describe, expect, test } from "vitest";
import { env } from "#server/env.ts";
import { type Issuing, whileIssuing } from "#server/identity/issuing.ts";
import { retireKey, rotateKey } from "#server/identity/key-rotation.ts";
import { assertIssuedLast } from "#server/identity/plugins/issue-token.ts";
import { authOptions } from "#server/identity/server.ts";
import { testDatabase } from "../../../../test/database.ts";
import {
  cookieOf,
  freshEmail,
  makeAdmin,
  PASSWORD,
  pageRequest,
  signIn,
  signUp,
} from "../../../../test/people.ts";

testDatabase();

/** Every statement that was sent. Connections keep this from the first on. */
const sent: string[] = [];
const { query } = Client.prototype;
Client.prototype.query = function (this: Client, ...args: unknown[]) {
  sent.push(String((args[0] as { text?: string }).text ?? args[0]));
  return Reflect.apply(query, this, args);
} as typeof query;

const kidOf = (token: string) => decodeProtectedHeader(token).kid;

describe("the order of the plugins", () => {
  const codes: string[] = [];
  const factor = twoFactor({
    skipVerificationOnEnable: true,
    otpOptions: { sendOTP: async ({ otp }) => void codes.push(otp) },
  });

  test("stops the start when a second factor would come after the token", () => {
    const { plugins } = authOptions(env());
    expect(() => assertIssuedLast([...plugins, factor])).toThrow(
      "the plugin two-factor stands after issue-token and would act on a sign-in that has its token already; put it before",
    );
    expect(() => assertIssuedLast([factor, ...plugins])).not.toThrow();
  });

  test("in which a second factor comes first mints nothing before it is proven", async () => {
    const options = authOptions(env());
    const plugins: BetterAuthPlugin[] = [factor, ...options.plugins];
    const auth = betterAuth({ ...options, plugins });
    await (await getMigrations(auth.options)).runMigrations();
    const call = async (path: string, body: object, cookie?: string) => {
      const issuing: Issuing = { form: "sign-in", kind: "browser", input: { email: "", password: "" } };
      const request = pageRequest(`/api/auth${path}`, { method: "POST", body, ...(cookie && { cookie }) });
      const answer = await whileIssuing(issuing, () => auth.handler(request));
      return { answer, issued: issuing.issued };
    };
    const person = await signUp();
    const { answer: enabled } = await call(
      "/two-factor/enable",
      { password: PASSWORD, method: "otp" },
      person.cookie,
    );
    expect(enabled.status).toBe(200);

    const { answer: challenge, issued } = await call("/sign-in/email", {
      email: person.email,
      password: PASSWORD,
    });
    expect(await challenge.json()).toMatchObject({ twoFactorRedirect: true });
    expect(issued).toBeUndefined();

    const pending = cookieOf(challenge);
    expect((await call("/two-factor/send-otp", {}, pending)).answer.status).toBe(200);
    const proven = await call("/two-factor/verify-otp", { code: codes.at(-1) }, pending);
    expect(proven.answer.status).toBe(200);
    expect(
      await (
        await auth.handler(pageRequest("/api/auth/get-session", { cookie: cookieOf(proven.answer) }))
      ).json(),
    ).toMatchObject({
      user: { id: person.id },
    });
  });
});

test("a sign-up reads what its token needs before the account is there, and nothing of it after the commit", async () => {
  await signUp();
  sent.length = 0;
  await signUp();
  const commit = sent.findIndex((text) => /^commit/i.test(text));
  const key = sent.findIndex((text) => text.includes("auth.jwks"));
  expect(key).toBeGreaterThanOrEqual(0);
  expect(key).toBeLessThan(commit);
  expect(sent.slice(commit + 1)).toEqual([expect.stringMatching(/^insert into "auditEvent"/)]);
});

test("a key signs from its first moment on, and not beyond its last", async () => {
  const former = kidOf((await signUp()).accessToken);
  const { id: next } = await rotateKey(0);
  expect(kidOf((await signUp()).accessToken)).toBe(next);
  const { id: last } = await rotateKey(0);
  await retireKey(next, async () => {});
  expect(kidOf((await signUp()).accessToken)).toBe(last);
  expect(former).not.toBe(next);
});

test("who signs in gets the role and the version of this moment", async () => {
  const person = await signUp();
  await makeAdmin(person);
  const { claims } = await signIn(person.email);
  expect(claims.roles).toEqual(["admin"]);
  expect(claims.ver).toBeGreaterThan(person.claims.ver);
  expect((await signUp(freshEmail())).claims.roles).toEqual(["user"]);
});
