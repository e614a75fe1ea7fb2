import type { Health } from "#contract/lab.ts";
import { env } from "#server/env.ts";
import { auth } from "#server/identity/server.ts";

const TIMEOUT = 2_000;

/** Asks both services how they are, and the identity provider for its published keys. */
export async function readHealth(): Promise<Health> {
  const [api, keys] = await Promise.all([askApi(), publishedKeys()]);
  return { identityProvider: keys ? "ok" : "down", api, keys: keys ?? [] };
}

async function askApi(): Promise<Health["api"]> {
  try {
    const answer = await fetch(new URL("/readyz", env().API_URL), { signal: AbortSignal.timeout(TIMEOUT) });
    await answer.body?.cancel();
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
