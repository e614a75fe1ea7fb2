import { hash as argon2Hash, verify as argon2Verify } from "@node-rs/argon2";
import { verifyPassword as scryptVerify } from "better-auth/crypto";
import { whenCoreIsFree } from "#server/identity/hashing.ts";

/** Argon2id (variant 2) with the OWASP minimum: 19 MiB, two passes, one lane. */
const ARGON2ID = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 };

const normalize = (password: string) => password.normalize("NFKC");

/** Hashes a password with Argon2id, as a PHC string. */
export const hashPassword = (password: string): Promise<string> =>
  whenCoreIsFree(() => argon2Hash(normalize(password), ARGON2ID));

/** Checks a password against an Argon2id hash, or one in Better Auth's stock scrypt format. */
export async function verifyPassword({
  hash,
  password,
}: {
  hash: string;
  password: string;
}): Promise<boolean> {
  return whenCoreIsFree(() =>
    hash.startsWith("$argon2") ? argon2Verify(hash, normalize(password)) : scryptVerify({ hash, password }),
  );
}
