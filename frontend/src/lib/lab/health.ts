import { auth } from "#lib/auth/server.ts";
import { env } from "#lib/env.ts";
import type { Health } from "#lib/lab/protocol.ts";

const TIMEOUT = 2_000;

/** Asks both services how they are, and the identity provider for its published keys. */
export async function readHealth(): Promise<Health> {
  const [api, keys] = await Promise.all([askApi(), publishedKeys()]);
  return { identityProvider: keys ? "ok" : "down", api, keys: keys ?? [] };
}

async function askApi(): Promise<Health["api"]> {
  try {
    const answer = await fetch(new URL("/readyz", env().API_URL), { signal: AbortSignal.timeout(TIMEOUT) });
    return answer.ok ? "ok" : "not ready";
  } catch {
    return "down";
  }
}

async function publishedKeys(): Promise<Health["keys"] | undefined> {
  try {
    const { keys } = await auth().api.getJwks();
    return keys.map(({ kid = "", alg = "" }) => ({ kid, alg }));
  } catch {
    return undefined;
  }
}
