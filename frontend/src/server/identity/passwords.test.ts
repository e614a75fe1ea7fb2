import { hashPassword as stockHash } from "better-auth/crypto";
import { describe, expect, test } from "vitest";
import { hashPassword, verifyPassword } from "#server/identity/passwords.ts";

const PASSWORD = "Correct-horse-7";

describe.each([
  ["Argon2id", hashPassword],
  ["Better Auth's stock scrypt", stockHash],
])("a hash in %s", (_, makeHash) => {
  test("lets the right password in, and no other", async () => {
    const hash = await makeHash(PASSWORD);
    expect(await verifyPassword({ hash, password: PASSWORD })).toBe(true);
    expect(await verifyPassword({ hash, password: `${PASSWORD} ` })).toBe(false);
    expect(await verifyPassword({ hash, password: "" })).toBe(false);
  });

  test("is the same password however its letters are composed", async () => {
    const hash = await makeHash("Zoe\u0308-Zoe\u0308-7");
    expect(await verifyPassword({ hash, password: "Zo\u00eb-Zo\u00eb-7" })).toBe(true);
  });
});

test("new hashes are salted Argon2id with OWASP's parameters", async () => {
  const [one, other] = await Promise.all([hashPassword(PASSWORD), hashPassword(PASSWORD)]);
  expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(one).not.toBe(other);
});
