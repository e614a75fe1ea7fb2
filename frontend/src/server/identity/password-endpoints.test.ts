import { describe, expect, test } from "vitest";
import { database } from "#server/database.ts";
import { PASSWORD_FIELDS } from "#server/identity/plugins/password-policy.ts";
import { auth } from "#server/identity/server.ts";
import { queryRow, testDatabase } from "../../../test/database.ts";
import {
  freshEmail,
  get,
  makeAdmin,
  PASSWORD,
  type Person,
  post,
  signIn,
  signUp,
} from "../../../test/people.ts";

testDatabase();

const NEW_PASSWORD = "Brand-new-horse-8";

/** Endpoints that take a password only to check it. */
const CHECKING = new Set(["/sign-in/email", "/verify-password", "/delete-user", "/account/delete"]);

type Endpoint = {
  path?: string;
  options?: { body?: { toJSONSchema?: unknown; shape?: object; _zod?: unknown } };
};

/** Names of the members of a zod schema, however it is wrapped. */
function memberNames(schema: unknown): string[] {
  const { shape, def } = (schema ?? {}) as {
    shape?: object;
    def?: { innerType?: unknown; left?: unknown; right?: unknown; options?: unknown[]; in?: unknown };
  };
  return [
    ...Object.keys(shape ?? {}),
    ...[def?.innerType, def?.left, def?.right, def?.in, ...(def?.options ?? [])]
      .filter(Boolean)
      .flatMap(memberNames),
  ];
}

describe("the policy covers every way to set a password", () => {
  const takers = () =>
    (Object.values(auth().api) as unknown as Endpoint[])
      .filter(({ path }) => path !== undefined)
      .flatMap(({ path = "", options }) =>
        memberNames(options?.body)
          .filter((name) => /password/i.test(name))
          .map((name): [string, string] => [path, name]),
      )
      .filter(([path, name]) => name !== "currentPassword" && !CHECKING.has(path));

  test("each endpoint that takes one is in PASSWORD_FIELDS, and the other way round", () => {
    expect(Object.fromEntries(takers())).toEqual(PASSWORD_FIELDS);
  });

  test("the exempted ones exist", () => {
    const paths = (Object.values(auth().api) as unknown as Endpoint[]).map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining([...CHECKING]));
  });

  test.each(Object.entries(PASSWORD_FIELDS))("%s refuses a weak %s", async (path, field) => {
    const admin = await signUp();
    await makeAdmin(admin);
    const body = {
      name: "Eve",
      email: freshEmail(),
      userId: admin.id,
      token: "x",
      currentPassword: PASSWORD,
    };
    const answer = await post(path, admin, { ...body, [field]: "weak" });
    expect(answer.status).toBe(422);
    const { code, errors } = await answer.json();
    expect(code).toBe("password_policy");
    expect(errors.map((error: { field: string; code: string }) => [error.field, error.code])).toEqual([
      [field, "min_length"],
      [field, "uppercase"],
      [field, "number"],
    ]);
  });
});

test("a password of 128 characters outside the basic plane is accepted", async () => {
  const body = { name: "Ada", email: freshEmail(), password: `Ab1${"😀".repeat(125)}` };
  expect((await post("/sign-up/email", undefined, body)).status).toBe(200);
});

const liveSessions = ({ id }: Person) =>
  queryRow<{ n: number }>('SELECT count(*)::int AS n FROM auth.session WHERE "userId" = $1', [id]);

const isRevoked = async ({ claims }: Person) => {
  const { rows } = await database().query(
    "SELECT 1 FROM auth.revocation WHERE sid = $1 OR (sub = $2 AND min_ver > $3)",
    [claims.sid, claims.sub, claims.ver],
  );
  return rows.length > 0;
};

describe("a new password", () => {
  test("ends every other session, although the caller did not ask for it", async () => {
    const elsewhere = await signUp();
    const here = await signIn(elsewhere.email);
    const answer = await post("/change-password", here, {
      currentPassword: PASSWORD,
      newPassword: NEW_PASSWORD,
      revokeOtherSessions: false,
    });
    expect(answer.status).toBe(200);
    expect((await get("/token", elsewhere)).status).toBe(401);
    expect(await isRevoked(elsewhere)).toBe(true);
    expect(await liveSessions(here)).toEqual({ n: 1 });
    await expect(signIn(here.email)).rejects.toThrow("invalid_credentials");
    await expect(signIn(here.email, NEW_PASSWORD)).resolves.toBeDefined();
  });

  test("is not set without the present one, and nothing ends", async () => {
    const elsewhere = await signUp();
    const here = await signIn(elsewhere.email);
    const body = { currentPassword: "Wrong-horse-7", newPassword: NEW_PASSWORD };
    expect((await post("/change-password", here, body)).status).toBe(400);
    expect(await liveSessions(here)).toEqual({ n: 2 });
    expect(await isRevoked(elsewhere)).toBe(false);
  });

  test("set by an administrator ends all of the user's sessions", async () => {
    const [admin, person] = await Promise.all([signUp(), signUp()]);
    await makeAdmin(admin);
    const body = { userId: person.id, newPassword: NEW_PASSWORD };
    expect((await post("/admin/set-user-password", admin, body)).status).toBe(200);
    expect(await liveSessions(person)).toEqual({ n: 0 });
    expect(await isRevoked(person)).toBe(true);
    expect(await liveSessions(admin)).toEqual({ n: 1 });
  });

  test("can't be set for others by a user", async () => {
    const [eve, person] = await Promise.all([signUp(), signUp()]);
    const body = { userId: person.id, newPassword: NEW_PASSWORD };
    expect((await post("/admin/set-user-password", eve, body)).status).toBe(403);
    expect(await liveSessions(person)).toEqual({ n: 1 });
  });
});
