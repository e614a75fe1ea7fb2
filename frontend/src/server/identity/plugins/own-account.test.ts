import { expect, test } from "vitest";
import { database } from "#server/database.ts";
import { handleAuthRequest } from "#server/identity/handler.ts";
import { testDatabase } from "../../../../test/database.ts";
import { fakeApi, refuse } from "../../../../test/fake-api.ts";
import { clientRequest, get, PASSWORD, type Person, post, signUp } from "../../../../test/people.ts";

testDatabase();
const api = fakeApi();

const exists = async ({ id }: Person) =>
  (await database().query('SELECT FROM auth."user" WHERE id = $1', [id])).rowCount === 1;
const stateOf = async ({ accessToken }: Person) => {
  const headers = { authorization: `Bearer ${accessToken}` };
  const answer = await handleAuthRequest(clientRequest("/api/auth/renew", { headers }));
  return answer.ok ? "live" : (await answer.json()).code;
};

test("a name is changed, put on record, and no token with the former stays in the browser", async () => {
  const person = await signUp();
  const answer = await post("/account/name", person, { name: "  Grace Hopper " });
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual({ name: "Grace Hopper" });
  expect(answer.headers.getSetCookie().join()).toMatch(/access_token=;.*Max-Age=0/);
  const { user } = await (await get("/get-session", person)).json();
  expect(user.name).toBe("Grace Hopper");
  const { events } = await (await get("/account/activity", person)).json();
  expect(events[0]).toMatchObject({ type: "user_changed", actor: "you", details: "name" });
});

test("a name that is empty or too long is refused", async () => {
  const person = await signUp();
  for (const name of ["  ", "x".repeat(1000)])
    expect((await post("/account/name", person, { name })).status).toBe(422);
});

test("an account is deleted with what the API holds, and its tokens are dead", async () => {
  const [person, other] = [await signUp(), await signUp()];
  const answer = await post("/account/delete", person, { password: PASSWORD });
  expect(answer.status).toBe(200);
  expect(api.received.map(({ method, url }) => [method, url])).toEqual([["DELETE", "/api/me"]]);
  expect(await exists(person)).toBe(false);
  expect(await stateOf(person)).toBe("token_revoked");
  expect((await get("/account/sessions", person)).status).toBe(401);
  expect([await exists(other), await stateOf(other)]).toEqual([true, "live"]);
});

test("a wrong password deletes nothing, and can't be guessed for long", async () => {
  const person = await signUp();
  const answers = [];
  for (let guess = 0; guess < 11; guess++)
    answers.push((await post("/account/delete", person, { password: `Wrong-horse-${guess}` })).status);
  expect(answers.slice(0, 10)).toEqual(Array(10).fill(400));
  expect(answers[10]).toBe(429);
  expect(api.received).toEqual([]);
  expect([await exists(person), await stateOf(person)]).toEqual([true, "live"]);
});

test("while the API is away nothing is deleted", async () => {
  const person = await signUp();
  api.answers((_, response) => refuse(response, 503, "service_unavailable"));
  const answer = await post("/account/delete", person, { password: PASSWORD });
  expect(answer.status).toBe(503);
  expect([await exists(person), await stateOf(person)]).toEqual([true, "live"]);
});

test("only who is signed in can do either", async () => {
  expect((await post("/account/name", undefined, { name: "Eve" })).status).toBe(401);
  expect((await post("/account/delete", undefined, { password: PASSWORD })).status).toBe(401);
});
