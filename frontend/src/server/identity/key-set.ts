import { createHash } from "node:crypto";

import { env } from "#server/env.ts";
import { KEY_SET_FRESH } from "#server/identity/key-visibility.ts";
import { auth } from "#server/identity/server.ts";
import { revocationOrigins } from "#server/revocation/origin.ts";

/** The JWK Set (RFC 7517) as it is sent, its strong ETag, and what its database is known by. */
export type KeySet = { body: string; etag: string; origins: string[] };

let held: { keys: Promise<KeySet>; since: number } | undefined;

/** The key set, read at most once a second however often it is asked for. What fails is not kept. */
export function keySet(): Promise<KeySet> {
  if (held && performance.now() - held.since < KEY_SET_FRESH) return held.keys;
  const reading = { keys: readKeySet(), since: performance.now() };
  held = reading;
  reading.keys.catch(() => {
    if (held === reading) held = undefined;
  });
  return reading.keys;
}

async function readKeySet(): Promise<KeySet> {
  const [keys, origins] = await Promise.all([auth().api.getJwks(), revocationOrigins()]);
  const body = JSON.stringify(keys);
  return { body, etag: `"${createHash("sha256").update(body).digest("base64url")}"`, origins };
}

/** What resource servers compare with their settings: the tokens' `iss`, `aud` and `alg`, and the database's names. */
export const describeTokens = (origins: string[]): Record<string, string> => ({
  "Revocation-Origin": origins.join(", "),
  "Token-Issuer": env().BETTER_AUTH_URL,
  "Token-Algorithm": env().JWT_ALGORITHM,
  ...(/^[!-~]+$/.test(env().JWT_AUDIENCE) && { "Token-Audience": env().JWT_AUDIENCE }),
});
