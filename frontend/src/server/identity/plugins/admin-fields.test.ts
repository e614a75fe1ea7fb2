import { expect, test } from "vitest";
import { queryRow, testDatabase } from "../../../../test/database.ts";
import { freshEmail, get, makeAdmin, PASSWORD, post, signUp } from "../../../../test/people.ts";

testDatabase();

const administrator = async () => {
  const admin = await signUp();
  await makeAdmin(admin);
  return admin;
};

test.each([
  ["tokenVersion", 2_147_483_647],
  ["id", "another"],
  ["createdAt", "2001-01-01T00:00:00Z"],
  ["password", PASSWORD],
  ["__proto__x", 1],
])("an administrator can't set %s of a user", async (field, value) => {
  const [admin, person] = [await administrator(), await signUp()];
  const update = await post("/admin/update-user", admin, {
    userId: person.id,
    data: { name: "Changed", [field]: value },
  });
  expect(update.status).toBe(422);
  const { code, errors } = await update.json();
  expect([code, errors.map((error: { field: string }) => error.field)]).toEqual([
    "validation_failed",
    [`data.${field}`],
  ]);
  const row = await queryRow<{ name: string }>('SELECT name FROM auth."user" WHERE id = $1', [person.id]);
  expect(row.name).toBe("Ada");

  const body = { email: freshEmail(), name: "New", password: PASSWORD, data: { [field]: value } };
  expect((await post("/admin/create-user", admin, body)).status).toBe(422);
});

test("an administrator sets what is named, and stays revocable", async () => {
  const [admin, person] = [await administrator(), await signUp()];
  const data = { name: "Changed", role: "admin", banned: true, banReason: "spam" };
  expect((await post("/admin/update-user", admin, { userId: person.id, data })).status).toBe(200);
  expect((await get("/token", person)).status).toBe(401);
  expect(
    await queryRow("SELECT version FROM auth.revocation_version WHERE user_id = $1", [person.id]),
  ).toEqual({ version: expect.any(Number) });
});
