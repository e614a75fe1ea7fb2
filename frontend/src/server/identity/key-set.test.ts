import { KEY_SET_FRESH } from "better-auth-revocation/composition";
import { expect, test, vi } from "vitest";
import { database } from "#server/database.ts";
import { env } from "#server/env.ts";
import { retireKey, rotateKey } from "#server/identity/key-rotation.ts";
import { queryRow, testDatabase } from "../../../test/database.ts";
import { ORIGIN, signUp } from "../../../test/people.ts";
import { GET } from "../../app/api/auth/jwks/route.ts";

const stage = testDatabase();

const ask = (headers: Record<string, string> = {}) =>
  GET(new Request(`${ORIGIN}/api/auth/jwks`, { headers }));
const kids = async () => (await (await ask()).json()).keys.map(({ kid }: { kid: string }) => kid).sort();
let ahead = 0;

/** As if the time that a key set is kept were over. */
function lookAgain(): void {
  vi.restoreAllMocks();
  ahead += 10 * KEY_SET_FRESH;
  vi.spyOn(performance, "now").mockReturnValue(performance.now() + ahead);
}

test("however often it is asked for, the table is read once a second, and no rate limit is written", async () => {
  await signUp();
  await database().query('DELETE FROM auth."rateLimit"');
  const query = vi.spyOn(database(), "query");
  const connect = vi.spyOn(database(), "connect");
  const answers = await Promise.all(Array.from({ length: 200 }, () => ask()));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(query.mock.calls.length + connect.mock.calls.length).toBeLessThanOrEqual(3);
  expect(await queryRow('SELECT count(*)::int AS n FROM auth."rateLimit"')).toEqual({ n: 0 });
});

test("a published key is there, and a withdrawn one gone, a second later", async () => {
  await signUp();
  const [first] = await kids();
  const { id } = await rotateKey(0);
  lookAgain();
  expect(await kids()).toEqual([first, id].sort());
  await retireKey(first, async () => {});
  lookAgain();
  expect(await kids()).toEqual([id]);
});

test("an outage is not kept, and not covered up", async () => {
  await signUp();
  lookAgain();
  const down = await stage.unreachableWhile(() => ask());
  expect([down.status, down.headers.get("retry-after")]).toEqual([503, "5"]);
  expect((await ask()).status).toBe(200);
});

test("it names its database, by a name that is renewed each minute and leaves the ETag as it is", async () => {
  await signUp();
  lookAgain();
  const before = await ask();
  const [name] = before.headers.get("revocation-origin")?.split(", ") ?? [];
  expect(name).toMatch(/^[0-9a-f]{32}$/);
  await database().query("UPDATE auth.revocation_origin SET created_at = now() - interval '61 seconds'");
  lookAgain();
  const etag = before.headers.get("etag") ?? "";
  const after = await ask({ "if-none-match": etag });
  expect([after.status, after.headers.get("etag")]).toEqual([304, etag]);
  const names = after.headers.get("revocation-origin")?.split(", ");
  expect(names?.[0]).not.toBe(name);
  expect(names).toContain(name);
});

test("it says whose tokens, for whom and signed how, for resource servers to compare with their settings", async () => {
  await signUp();
  lookAgain();
  const { headers } = await ask();
  const said = ["token-issuer", "token-audience", "token-algorithm"].map((name) => headers.get(name));
  expect(said).toEqual([env().BETTER_AUTH_URL, env().JWT_AUDIENCE, env().JWT_ALGORITHM]);
});
