import { createLocalJWKSet, jwtVerify } from "jose";
import { expect, test } from "vitest";
import { env } from "#server/env.ts";
import { ensureSigningKey } from "#server/identity/key-rotation.ts";
import { testDatabase } from "../../../test/database.ts";
import { get, signUp } from "../../../test/people.ts";

testDatabase();

test("after a switch to RS256 tokens are signed so, and the former key stays published", async () => {
  env().JWT_ALGORITHM = "RS256";
  await ensureSigningKey();
  const { accessToken } = await signUp();
  const keySet = await (await get("/jwks")).json();
  const { protectedHeader } = await jwtVerify(accessToken, createLocalJWKSet(keySet));
  expect(protectedHeader.alg).toBe("RS256");
  expect(keySet.keys.map(({ alg }: { alg: string }) => alg)).toEqual(["EdDSA", "RS256"]);
});
