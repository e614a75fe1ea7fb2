import { setTimeout as sleep } from "node:timers/promises";
import type { TokenState } from "./store.ts";

/** Milliseconds: a moment that is revoked can be a second ahead, and an `iat` has whole seconds. */
const LONGEST_WAIT = 2_000;

/** The `iat` of a token that is minted now, in epoch seconds. What was revoked by its time of issue includes the second in
 * which that was done, so a token of the same second is issued when that is over: minted at once, it would be revoked
 * already. Where this clock is behind the database's, the database's counts. */
export async function timeOfIssue({ issuableFrom }: Pick<TokenState, "issuableFrom">): Promise<number> {
  const wait = issuableFrom * 1000 - Date.now();
  if (wait > 0) await sleep(Math.min(wait, LONGEST_WAIT));
  return Math.max(issuableFrom, Math.floor(Date.now() / 1000));
}
