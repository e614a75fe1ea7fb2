import { describe, expect, test } from "vitest";
import { passwordPolicy } from "#contract/password-policy.ts";
import { checkPassword, passwordErrors } from "#contract/password-rules.ts";

const unmet = (password: string) => passwordErrors(password).map(({ code }) => code);

describe("each rule", () => {
  test.each([
    ["min_length", "Abcde12", "Abcdef12"],
    ["max_length", `Ab1${"x".repeat(126)}`, `Ab1${"x".repeat(125)}`],
    ["uppercase", "abcdef12", "Abcdef12"],
    ["lowercase", "ABCDEF12", "ABCDEf12"],
    ["number", "Abcdefgh", "Abcdefg1"],
  ])("%s refuses %s and accepts %s", (rule, bad, good) => {
    expect(unmet(bad)).toEqual([rule]);
    expect(unmet(good)).toEqual([]);
  });

  test("is covered above", () => {
    expect(passwordPolicy.rules.map(({ id }) => id)).toEqual([
      "min_length",
      "max_length",
      "uppercase",
      "lowercase",
      "number",
    ]);
  });
});

test("letters and digits of any script count", () => {
  expect(unmet("Ñandúñandú٣")).toEqual([]);
  expect(unmet("Жыразом7")).toEqual([]);
});

test("length is counted in code points, not in UTF-16 units", () => {
  expect(unmet("Ab1😀😀😀😀")).toEqual(["min_length"]);
  expect(unmet("Ab1😀😀😀😀😀")).toEqual([]);
  expect(unmet(`Ab1${"😀".repeat(125)}`)).toEqual([]);
  expect(unmet(`Ab1${"😀".repeat(126)}`)).toEqual(["max_length"]);
});

test("line breaks are characters like any other", () => {
  expect(unmet("Ab1\n\n\n\n\n")).toEqual([]);
});

test("every unmet rule is named at once, under the field it belongs to", () => {
  expect(unmet("")).toEqual(["min_length", "uppercase", "lowercase", "number"]);
  expect(passwordErrors("abcdefg1", "newPassword")).toEqual([
    { field: "newPassword", code: "uppercase", message: "Add an upper-case letter." },
  ]);
});

test("the checklist has every rule, met or not", () => {
  expect(checkPassword("abcdefg1").map(({ id, met }) => [id, met])).toEqual([
    ["min_length", true],
    ["max_length", true],
    ["uppercase", false],
    ["lowercase", true],
    ["number", true],
  ]);
});
