import { describe, expect, test } from "vitest";
import { startSession } from "#server/identity/credentials.ts";
import { isCommon, newPasswordErrors } from "#server/identity/new-password.ts";
import { PASSWORD_FIELDS } from "#server/identity/plugins/password-policy.ts";
import { testDatabase } from "../../../test/database.ts";
import { freshEmail, makeAdmin, PASSWORD, pageRequest, post, signUp } from "../../../test/people.ts";

testDatabase();

test.each(["Password1", "Welcome1", "Qwerty123", "PASSWORD1a".slice(0, 9), "Passw0rd!", "Ｐassword1"])(
  "%s is common, though it meets every rule of the form",
  (password) => {
    expect(isCommon(password)).toBe(true);
    expect(newPasswordErrors(password).map(({ code }) => code)).toContain("common");
  },
);

test.each(["Corr3ctHorse", PASSWORD, "Brand-new-horse-8", "Zx9!kQv2pL"])("%s is not", (password) => {
  expect(newPasswordErrors(password)).toEqual([]);
});

describe("a common password is refused, with its own code", () => {
  const errorsOf = (field: string) => [
    { field, code: "common", message: expect.stringContaining("most common passwords") },
  ];

  test.each(Object.entries(PASSWORD_FIELDS))("at %s", async (path, field) => {
    const admin = await signUp();
    await makeAdmin(admin);
    const answer = await post(path, path.startsWith("/sign-up") ? undefined : admin, {
      name: "Ada",
      email: freshEmail(),
      userId: admin.id,
      token: "token",
      currentPassword: PASSWORD,
      [field]: "Password1",
    });
    expect([answer.status, await answer.json()]).toMatchObject([
      422,
      { code: "password_common", errors: errorsOf(field) },
    ]);
  });

  test("at our own sign-up, along with every other fault", async () => {
    const send = async (body: object) => {
      const request = pageRequest("/api/auth/sign-up", { method: "POST", body });
      return (await startSession("sign-up", request)).json();
    };
    const body = { name: "Ada", email: freshEmail(), password: "Password1" };
    expect(await send(body)).toMatchObject({ code: "password_common", errors: errorsOf("password") });
    expect(await send({ ...body, name: "" })).toMatchObject({
      code: "validation_failed",
      errors: [{ field: "name" }, ...errorsOf("password")],
    });
    expect(await send({ ...body, password: "password1" })).toMatchObject({ code: "password_policy" });
  });
});
