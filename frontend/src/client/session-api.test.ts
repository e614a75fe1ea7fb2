import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { signIn, signOut, signUp } from "#client/session-api.ts";

const entry = { name: "Ada", email: "ada@example.com", password: "Correct1horse" };
const user = { id: "u1", name: "Ada", email: "ada@example.com" };
const taken = () => Response.json({ code: "email_taken" }, { status: 422 });
const wrong = () => Response.json({ code: "invalid_credentials" }, { status: 401 });
const welcome = () => Response.json({ user });
const lost = () => {
  throw new TypeError("fetch failed");
};

let answers: (() => Response)[];
let paths: string[];

/** Lets the pause before a repetition pass. */
async function settle<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  await vi.runAllTimersAsync();
  return await promise;
}

beforeEach(() => {
  vi.useFakeTimers();
  answers = [];
  paths = [];
  vi.stubGlobal("location", { origin: "http://localhost" });
  vi.stubGlobal("fetch", async (request: Request) => {
    paths.push(new URL(request.url).pathname);
    return answers.shift()?.();
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("signing up answers with the user", async () => {
  answers = [welcome];
  expect(await settle(signUp(entry))).toEqual(user);
  expect(paths).toEqual(["/api/session/sign-up"]);
});

test("a taken address is a refusal, and nothing is tried with its password", async () => {
  answers = [taken];
  await expect(settle(signUp(entry))).rejects.toMatchObject({ code: "email_taken" });
  expect(paths).toEqual(["/api/session/sign-up"]);
});

test("an account whose answer was lost is signed in to", async () => {
  answers = [lost, taken, welcome];
  expect(await settle(signUp(entry))).toEqual(user);
  expect(paths).toEqual(["/api/session/sign-up", "/api/session/sign-up", "/api/session/sign-in"]);
});

test("an earlier attempt of the person without an answer counts too", async () => {
  answers = [taken, welcome];
  expect(await settle(signUp(entry, true))).toEqual(user);
});

test("somebody else's account stays a taken address after a lost answer", async () => {
  answers = [lost, taken, wrong];
  await expect(settle(signUp(entry))).rejects.toMatchObject({ code: "email_taken" });
});

test("signing in is tried again once", async () => {
  answers = [lost, welcome];
  expect(await settle(signIn(entry))).toEqual(user);
});

test("signing out of a session that has ended is done", async () => {
  answers = [() => Response.json({ code: "session_ended" }, { status: 401 })];
  await expect(settle(signOut())).resolves.toBeUndefined();
});

test("an outage while signing out is told", async () => {
  answers = [() => Response.json({ code: "service_unavailable" }, { status: 503 })];
  await expect(settle(signOut())).rejects.toMatchObject({ status: 503 });
});
