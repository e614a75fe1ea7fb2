import { expect, test } from "vitest";
import { queryRow, testDatabase } from "../../../test/database.ts";
import { freshEmail, makeAdmin, PASSWORD, post, signUp } from "../../../test/people.ts";

testDatabase();

const LONG = "x".repeat(201);

test.each(["", "  ", LONG, "A\0"])("no endpoint stores the name %o", async (name) => {
  const admin = await signUp();
  await makeAdmin(admin);
  const user = { name, email: freshEmail(), password: PASSWORD };
  for (const [path, body] of [
    ["/sign-up/email", user],
    ["/admin/create-user", user],
    ["/update-user", { name }],
    ["/admin/update-user", { userId: admin.id, data: { name } }],
  ] as const) {
    const answer = await post(path, path === "/sign-up/email" ? undefined : admin, body);
    expect([path, answer.status]).toEqual([path, 422]);
    expect(await answer.json()).toMatchObject({
      code: "validation_failed",
      errors: [{ field: expect.stringMatching(/name$/) }],
    });
  }
  expect(await queryRow('SELECT name FROM auth."user" WHERE id = $1', [admin.id])).toEqual({ name: "Ada" });
});

test("a name in any script is stored, and changed", async () => {
  const ada = await signUp(freshEmail(), "Zoë 李 👋");
  expect(ada.claims.name).toBe("Zoë 李 👋");
  expect((await post("/update-user", ada, { name: "Ada" })).status).toBe(200);
  expect(await queryRow('SELECT name FROM auth."user" WHERE id = $1', [ada.id])).toEqual({ name: "Ada" });
});

test("an address that no mailbox can have is not stored", async () => {
  const email = `ada@${"x".repeat(60)}.${"y".repeat(60)}.${"z".repeat(60)}.${"w".repeat(60)}.${"v".repeat(60)}.com`;
  const answer = await post("/sign-up/email", undefined, { name: "Ada", email, password: PASSWORD });
  expect(answer.status).toBe(422);
});

test.each([
  "http://example.com/a.png",
  "javascript:alert(1)",
  "data:image/png;base64,AAAA",
  `https://example.com/${"x".repeat(2048)}`,
  "x".repeat(60_000),
  "",
  7,
  { src: "https://example.com" },
])("no endpoint stores the picture %o", async (image) => {
  const admin = await signUp();
  await makeAdmin(admin);
  const user = { name: "Ada", email: freshEmail(), password: PASSWORD };
  for (const [path, body] of [
    ["/sign-up/email", { ...user, image }],
    ["/admin/create-user", { ...user, data: { image } }],
    ["/update-user", { image }],
    ["/admin/update-user", { userId: admin.id, data: { image } }],
  ] as const) {
    const answer = await post(path, path === "/sign-up/email" ? undefined : admin, body);
    expect([path, [400, 422].includes(answer.status)]).toEqual([path, true]);
  }
  expect(await queryRow('SELECT image FROM auth."user" WHERE id = $1', [admin.id])).toEqual({ image: null });
});

test("a picture at an https address is stored, and taken away", async () => {
  const ada = await signUp();
  for (const image of ["https://example.com/ada.png", null]) {
    expect((await post("/update-user", ada, { image })).status).toBe(200);
    expect(await queryRow('SELECT image FROM auth."user" WHERE id = $1', [ada.id])).toEqual({ image });
  }
});
