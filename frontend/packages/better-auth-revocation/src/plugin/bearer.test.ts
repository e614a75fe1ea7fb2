import { betterAuth } from "better-auth";
import { bearer } from "better-auth/plugins";
import { beforeAll, describe, expect, test } from "vitest";
import { ORIGIN, stockOptions } from "../../test/applications.ts";
import { ownDatabase } from "../../test/database.ts";
import { Caller, install } from "../../test/installed.ts";
import { revocableJwt } from "./revocable-jwt.ts";

const own = ownDatabase();
const revocable = () => revocableJwt({ audience: "https://api.example.com", lifetime: 3_600 });
const authWith = {
  "bearer() before": () => [bearer({ requireSignature: true }), ...revocable()],
  "bearer() after": () => [...revocable(), bearer({ requireSignature: true })],
  "no bearer()": () => [...revocable()],
};
const application = (plugins: keyof typeof authWith) =>
  betterAuth({
    ...stockOptions,
    // Better Auth leaves it out in tests.
    advanced: { disableOriginCheck: false },
    database: own.pool,
    plugins: authWith[plugins](),
  });

beforeAll(() => install(application("no bearer()").options, own.url));

const outcome = async (answer: Response) => [answer.status, (await answer.json().catch(() => ({}))).code];
const by = (credential: string) => ({ authorization: `Bearer ${credential}` });

/** Somebody new, with the session token that bearer() hands out. */
async function newcomer() {
  const auth = application("bearer() before");
  const caller = new Caller(auth);
  const answer = await caller.post("/sign-up/email", {
    name: "Ada",
    email: `${Math.random()}@example.com`,
    password: "Correct-horse-7",
  });
  return { caller, sessionToken: answer.headers.get("set-auth-token") ?? "" };
}

describe.each(["bearer() before", "bearer() after"] as const)("with %s revocableJwt()", (plugins) => {
  test("a session token signs out, and lists and ends sessions", async () => {
    const auth = application(plugins);
    const { caller, sessionToken } = await newcomer();
    const alone = new Caller(auth);
    expect((await alone.get("/revocation/sessions", by(sessionToken))).status).toBe(200);
    expect((await alone.post("/sign-out", {}, by(sessionToken))).status).toBe(200);
    expect((await caller.get("/token")).status).toBe(401);
  });

  test("one whose signature is wrong ends nothing and is a 401, and so is none", async () => {
    const alone = new Caller(application(plugins));
    const { caller, sessionToken } = await newcomer();
    const [token] = sessionToken.split(".");
    for (const bad of [`${token}.AAAA`, `${token}`, "x", ""]) {
      for (const path of ["/sign-out", "/revocation/sessions/end-all"]) {
        expect(await outcome(await alone.post(path, {}, by(bad)))).toEqual([401, "TOKEN_INVALID"]);
      }
    }
    expect(await outcome(await alone.post("/sign-out"))).toEqual([401, "TOKEN_MISSING"]);
    expect((await caller.get("/token")).status).toBe(200);
  });

  test("an access token does what it did", async () => {
    const { caller } = await newcomer();
    const token = await caller.token();
    expect((await new Caller(application(plugins)).post("/sign-out", {}, by(token))).status).toBe(200);
    expect((await caller.get("/token")).status).toBe(401);
  });
});

describe("a credential that is no JWT", () => {
  test.each(Object.keys(authWith) as (keyof typeof authWith)[])(
    "that nobody takes lets no cookie beside it count, from whatever page: %s",
    async (plugins) => {
      const auth = application(plugins);
      const { caller } = await newcomer();
      const attack = async (path: string, origin: Record<string, string>) =>
        (await new Caller(auth).post(path, {}, { cookie: caller.cookie, ...origin, ...by("x") })).status;
      for (const path of ["/sign-out", "/revocation/sessions/end-all"]) {
        expect(await attack(path, { origin: "https://evil.example" })).toBe(403);
        expect(await attack(path, {})).toBe(403);
        expect(await attack(path, { origin: ORIGIN })).toBe(401);
      }
      expect((await caller.get("/token")).status).toBe(200);
    },
  );

  test("that bearer() takes counts, and not the cookie beside it", async () => {
    const [own, other] = [await newcomer(), await newcomer()];
    const headers = { cookie: other.caller.cookie, origin: ORIGIN, ...by(own.sessionToken) };
    const answer = await new Caller(application("bearer() before")).post("/sign-out", {}, headers);
    expect(answer.status).toBe(200);
    expect((await own.caller.get("/token")).status).toBe(401);
    expect((await other.caller.get("/token")).status).toBe(200);
  });

  test.each([
    ["no bearer()", 401, "TOKEN_INVALID"],
    ["bearer() before", 403, "TOKEN_NOT_FOR_BROWSERS"],
  ] as const)("renews no token: %s", async (plugins, status, code) => {
    const { caller, sessionToken } = await newcomer();
    const answer = await new Caller(application(plugins)).post("/renew", undefined, by(sessionToken));
    expect(await outcome(answer)).toEqual([status, code]);
    expect((await caller.get("/token")).status).toBe(200);
  });
});
