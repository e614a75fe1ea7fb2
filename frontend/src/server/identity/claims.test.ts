import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { mintingWith, rolesOf } from "better-auth-revocation/composition";
import { describe, expect, test } from "vitest";
import { permissions } from "#contract/permissions.ts";
import { defineClaims, scopesOf } from "#server/identity/claims.ts";

const NOW = 1_800_000_000;
const DAY = 86_400;

const user = { email: "ada@example.com", emailVerified: false, name: "Ada" };
const sessionUntil = (seconds: number) => ({ id: "session-1", expiresAt: new Date(seconds * 1000) });
const terms = { now: NOW, lifetime: 30 * DAY };

describe("a token's end", () => {
  test("is its lifetime away", () => {
    const claims = defineClaims(user, sessionUntil(NOW + 45 * DAY), terms);
    expect(claims).toMatchObject({ iat: NOW, exp: NOW + 30 * DAY });
  });

  test("is never later than its session's", () => {
    expect(defineClaims(user, sessionUntil(NOW + DAY), terms).exp).toBe(NOW + DAY);
    const fraction = { id: "session-1", expiresAt: new Date(NOW * 1000 + 1999) };
    expect(defineClaims(user, fraction, terms).exp).toBe(NOW + 1);
  });
});

test("each token has an id of its own, and the session's", () => {
  const [one, other] = [1, 2].map(() => defineClaims(user, sessionUntil(NOW + DAY), terms));
  expect(one?.jti).not.toBe(other?.jti);
  expect(one?.sid).toBe("session-1");
});

test("its audience is the usual one, unless it is minted for another", async () => {
  const mint = () => defineClaims(user, sessionUntil(NOW + DAY), terms);
  expect(mint()).not.toHaveProperty("aud");
  expect((await mintingWith({ audience: "urn:other" }, async () => mint())).aud).toBe("urn:other");
  expect(mint()).not.toHaveProperty("aud");
});

describe("roles", () => {
  test.each([
    [null, ["user"]],
    [undefined, ["user"]],
    ["", ["user"]],
    ["admin", ["admin"]],
    ["user, admin,user", ["user", "admin"]],
    ["admin,", ["admin"]],
    [" , ", []],
  ])("%o is read as %o", (stored, expected) => {
    expect(rolesOf(stored)).toEqual(expected);
  });
});

describe("scopes", () => {
  test("are those that any role grants, each once", () => {
    const everything = Object.values(permissions.roles).flat();
    expect(scopesOf(Object.keys(permissions.roles))).toEqual([...new Set(everything)].sort());
    expect(scopesOf(["user"])).toEqual(["notes:read", "notes:write"]);
  });

  test.each(["nobody", "constructor", "__proto__", "toString", ""])(
    "the unknown role %o grants none",
    (role) => {
      expect(scopesOf([role])).toEqual([]);
      expect(scopesOf([role, "user"])).toEqual(scopesOf(["user"]));
    },
  );
});

describe("the contract", () => {
  const ajv = new Ajv2020();
  addFormats(ajv);
  const conforms = ajv.compile(
    JSON.parse(
      readFileSync(new URL("../../../../shared-schema/claims.schema.json", import.meta.url), "utf8"),
    ),
  );
  const identity = { iss: "http://localhost:3000", aud: "http://localhost:8000", sub: "user-1" };

  test.each([
    ["a plain user", user],
    ["a raised version and two roles", { ...user, role: "user,admin", tokenVersion: 7 }],
    ["odd roles", { ...user, role: " ,constructor" }],
    ["nothing in the columns", { ...user, role: null, tokenVersion: null }],
  ])("holds for %s", (_, subject) => {
    const claims = { ...identity, ...defineClaims(subject, sessionUntil(NOW + DAY), terms) };
    expect(conforms(claims), JSON.stringify(conforms.errors)).toBe(true);
  });

  test("does not hold without one of the claims, or with one more", () => {
    const claims = { ...identity, ...defineClaims(user, sessionUntil(NOW + DAY), terms) };
    expect(conforms({ ...claims, sid: undefined })).toBe(false);
    expect(conforms({ ...claims, extra: 1 })).toBe(false);
  });
});
