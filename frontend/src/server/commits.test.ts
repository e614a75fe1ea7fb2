import { describe, expect, test } from "vitest";
import { database } from "#server/database.ts";
import { startSession } from "#server/identity/credentials.ts";
import { queryRow, testDatabase } from "../../test/database.ts";
import { clientRequest, freshEmail, get, PASSWORD, post, signIn, signUp } from "../../test/people.ts";

testDatabase();

/** Runs `work` while each insert into `table` is followed, `when`, by `action`. */
async function withTrigger<T>(
  table: string,
  when: string,
  action: string,
  work: () => Promise<T>,
): Promise<T> {
  const at = when === "at the commit" ? "DEFERRABLE INITIALLY DEFERRED" : "";
  await database().query(
    `CREATE FUNCTION auth.strike() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${action}; RETURN NULL; END $$;
     CREATE ${at && "CONSTRAINT"} TRIGGER strike AFTER INSERT ON auth."${table}" ${at} FOR EACH ROW
     EXECUTE FUNCTION auth.strike()`,
  );
  try {
    return await work();
  } finally {
    await database().query("DROP FUNCTION auth.strike() CASCADE");
  }
}

const CUT = "PERFORM pg_terminate_backend(pg_backend_pid())";
const FAIL = "RAISE EXCEPTION 'no'";

const signUpAs = async (email: string) => {
  const body = { name: "Ada", email, password: PASSWORD };
  const answer = await startSession("sign-up", clientRequest("/api/auth/sign-up", { body }));
  const account = await queryRow<{ n: number }>(
    'SELECT count(*)::int AS n FROM auth."user" WHERE email = $1',
    [email],
  );
  return [answer.status, (await answer.json()).code, account.n];
};

describe("a sign-up", () => {
  test.each([
    [
      "whose connection breaks at the commit has an unknown outcome",
      "at the commit",
      CUT,
      504,
      "outcome_unknown",
    ],
    ["that fails at the commit is undone", "at the commit", FAIL, 503, "identity_provider_unavailable"],
    [
      "whose connection breaks before the commit is undone",
      "at once",
      CUT,
      503,
      "identity_provider_unavailable",
    ],
  ])("%s", async (_, when, action, status, code) => {
    const email = freshEmail();
    const said = await withTrigger("session", when, action, () => signUpAs(email));
    expect(said).toEqual([status, code, 0]);
    expect(await signUpAs(email)).toEqual([200, undefined, 1]);
  });

  test("that was committed is never called undone, whatever fails afterwards", async () => {
    const email = freshEmail();
    const said = await withTrigger("auditEvent", "at once", FAIL, () => signUpAs(email));
    expect(said).toEqual([504, "outcome_unknown", 1]);
    await expect(signIn(email)).resolves.toBeDefined();
  });
});

test("a change that was committed is never called undone", async () => {
  const person = await signUp();
  const passwords = { currentPassword: PASSWORD, newPassword: "Another-horse-8" };
  const answer = await withTrigger("auditEvent", "at once", FAIL, () =>
    post("/change-password", person, passwords),
  );
  expect([answer.status, (await answer.json()).code]).toEqual([504, "outcome_unknown"]);
  await expect(signIn(person.email, "Another-horse-8")).resolves.toBeDefined();
});

test("a session's look-up that fails is an outage, not the end of the session", async () => {
  const person = await signUp();
  await database().query("ALTER TABLE auth.session RENAME TO session_away");
  const answer = await get("/token", person).finally(() =>
    database().query("ALTER TABLE auth.session_away RENAME TO session"),
  );
  expect([answer.status, (await answer.json()).code]).toEqual([503, "identity_provider_unavailable"]);
  expect((await get("/token", person)).status).toBe(200);
});
