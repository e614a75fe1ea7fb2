import { describe, expect, test } from "vitest";
import { safeReturnTo, signInPath } from "#contract/return-to.ts";

describe("safeReturnTo", () => {
  test.each(["/notes", "/account", "/notes?page=2#end", "/a/b", "/sign-inside"])("keeps %s", (path) => {
    expect(safeReturnTo(path)).toBe(path);
  });

  test.each([
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/.//evil.example",
    "/x/..//evil.example",
    "javascript:alert(1)",
    " /notes",
    "notes",
    "",
    "/api/auth/sign-out",
    "/sign-in?return_to=/sign-in",
    "/sign-up",
    "/x/../sign-in",
  ])("refuses %j", (path) => {
    expect(safeReturnTo(path)).toBe("/notes");
  });

  test.each([undefined, null, 3, ["/account", "/x"]])("refuses what is no single text: %j", (value) => {
    expect(safeReturnTo(value)).toBe("/notes");
  });
});

test("signInPath names the reason, and the way back unless it is the usual one", () => {
  expect(signInPath()).toBe("/sign-in");
  expect(signInPath({ reason: "ended", returnTo: "/notes" })).toBe("/sign-in?reason=ended");
  expect(signInPath({ returnTo: "/account?a=b" })).toBe("/sign-in?return_to=%2Faccount%3Fa%3Db");
});
