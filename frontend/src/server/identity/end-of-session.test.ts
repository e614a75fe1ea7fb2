import { afterEach, expect, test, vi } from "vitest";
import { endOfSession } from "#server/identity/end-of-session.ts";
import { testDatabase } from "../../../test/database.ts";
import { makeAdmin, PASSWORD, type Person, post, signIn, signUp } from "../../../test/people.ts";

const { unreachableWhile } = testDatabase();

afterEach(() => {
  vi.useRealTimers();
});

async function asAdmin(path: string, person: Person, body: object = {}): Promise<void> {
  const admin = await signUp();
  await makeAdmin(admin);
  expect((await post(path, admin, { userId: person.id, ...body })).status).toBe(200);
}

test.each<[string, string, (person: Person) => Promise<unknown>]>([
  ["deleted", "the account is gone", (person) => asAdmin("/admin/remove-user", person)],
  ["suspended", "the account is suspended", (person) => asAdmin("/admin/ban-user", person)],
  [
    "ended_elsewhere",
    "an administrator ended it",
    (person) => asAdmin("/admin/revoke-user-sessions", person),
  ],
  [
    "password_changed",
    "an administrator set a password",
    (person) => asAdmin("/admin/set-user-password", person, { newPassword: "Brand-new-horse-8" }),
  ],
  [
    "password_changed",
    "the person set one elsewhere",
    async ({ email }) =>
      post("/change-password", await signIn(email), {
        currentPassword: PASSWORD,
        newPassword: "Brand-new-horse-8",
      }),
  ],
  [
    "ended_elsewhere",
    "the person ended it elsewhere",
    async ({ email }) => post("/account/sessions/end-others", await signIn(email)),
  ],
  [
    "expired",
    "its time was over",
    async ({ claims }) => {
      vi.useFakeTimers({ toFake: ["Date"], now: claims.exp * 1000 });
    },
  ],
])("a session is told to be %s when %s", async (reason, _, end) => {
  const person = await signUp();
  await end(person);
  expect(await endOfSession(person.accessToken)).toBe(reason);
});

test("nothing is told to who holds no token of ours", async () => {
  const { accessToken } = await signUp();
  const [header, payload, signature = ""] = accessToken.split(".");
  const forged = [header, payload, signature.split("").reverse().join("")].join(".");
  for (const token of [undefined, "", "nonsense", forged]) expect(await endOfSession(token)).toBeUndefined();
});

test("nothing is told while the database is away", async () => {
  const { accessToken } = await signUp();
  expect(await unreachableWhile(() => endOfSession(accessToken))).toBeUndefined();
});
