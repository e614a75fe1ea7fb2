import { expect, test } from "vitest";
import { validateSignIn, validateSignUp } from "#features/auth/validate.ts";

const good = { name: "Ada", email: "ada@example.com", password: "Correct1horse" };

test("a complete sign-up has nothing to mend", () => {
  expect(validateSignUp(good)).toEqual({});
});

test("each bad entry of a sign-up is named, in the order of the form", () => {
  const found = validateSignUp({ name: " ", email: "ada", password: "abcdefgh" });
  expect(Object.keys(found)).toEqual(["name", "email", "password"]);
  expect(found["password"]).toEqual(["Add an upper-case letter.", "Add a number."]);
});

test("sign-in asks for a password but holds it to no rule", () => {
  expect(validateSignIn({ email: good.email, password: "x" })).toEqual({});
  expect(validateSignIn({ email: good.email, password: "" })).toEqual({ password: ["Enter your password."] });
});
