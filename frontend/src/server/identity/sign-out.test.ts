import { expect, test } from "vitest";
import { database } from "#server/database.ts";
import { handleAuthRequest } from "#server/identity/handler.ts";
import { queryRow, testDatabase } from "../../../test/database.ts";
import { clientRequest, ORIGIN, type Person, pageRequest, signUp } from "../../../test/people.ts";

const stage = testDatabase();

const PATH = "/api/auth/sign-out";

const byToken = (token: string, headers: Record<string, string> = {}) =>
  handleAuthRequest(clientRequest(PATH, { headers: { authorization: `Bearer ${token}`, ...headers } }));

const isLive = async ({ claims }: Person) =>
  (await database().query("SELECT FROM auth.session WHERE id = $1", [claims.sid])).rowCount === 1;

const revocations = (sid: string) =>
  queryRow("SELECT count(*)::int AS n FROM auth.revocation WHERE sid = $1", [sid]);

const outcome = async (answer: Response) => [answer.status, (await answer.json()).code];

test("an access token alone ends its session, and no other", async () => {
  const [person, other] = [await signUp(), await signUp()];
  const answer = await byToken(person.accessToken);
  expect([answer.status, await answer.json()]).toEqual([200, { success: true }]);
  expect(answer.headers.getSetCookie()).toEqual([]);
  expect([await isLive(person), await isLive(other)]).toEqual([false, true]);
  expect(await revocations(person.claims.sid)).toEqual({ n: 1 });
});

test("a cookie beside an access token does not count, and needs no origin", async () => {
  const [person, other] = [await signUp(), await signUp()];
  const answer = await byToken(person.accessToken, { cookie: other.cookie });
  expect([answer.status, await answer.json()]).toEqual([200, { success: true }]);
  expect([await isLive(person), await isLive(other)]).toEqual([false, true]);
});

test("a token that is no live one of ours ends nothing, and says so", async () => {
  const person = await signUp();
  const [header, payload] = person.accessToken.split(".");
  for (const token of ["x", `${header}.${payload}.`, `${header}.${payload}.${"A".repeat(86)}`]) {
    const answer = await byToken(token);
    expect(answer.headers.get("www-authenticate")).toBe('Bearer error="invalid_token"');
    expect(await outcome(answer)).toEqual([401, "token_invalid"]);
  }
  expect(await isLive(person)).toBe(true);
  await byToken(person.accessToken);
  expect(await outcome(await byToken(person.accessToken))).toEqual([401, "token_revoked"]);
});

test("neither a token nor a session's cookie is no sign-out", async () => {
  const answer = await handleAuthRequest(clientRequest(PATH));
  expect(answer.headers.get("www-authenticate")).toBe("Bearer");
  expect(await outcome(answer)).toEqual([401, "token_missing"]);
});

test("a page that sends a token of its own making does not end the session of the cookie", async () => {
  const person = await signUp();
  expect(await outcome(await byToken("forged", { cookie: person.cookie, origin: ORIGIN }))).toEqual([
    401,
    "token_invalid",
  ]);
  expect(await isLive(person)).toBe(true);
});

test("a cookie ends its session as before", async () => {
  const person = await signUp();
  expect((await handleAuthRequest(pageRequest(PATH, { method: "POST", cookie: person.cookie }))).status).toBe(
    200,
  );
  expect(await isLive(person)).toBe(false);
});

test("an outage is not a sign-out, and not a bad token", async () => {
  const person = await signUp();
  const answer = await stage.unreachableWhile(() => byToken(person.accessToken));
  expect(await outcome(answer)).toEqual([503, "identity_provider_unavailable"]);
  expect(await isLive(person)).toBe(true);
});
