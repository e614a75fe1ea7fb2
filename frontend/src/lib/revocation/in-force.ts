import { database } from "#lib/database.ts";
import { log, summarize } from "#lib/log.ts";

/** Resolves once all that was revoked before this call is refused by every resource server that follows the feed.
 *
 * A notification reaches a process some milliseconds after the commit. An answer such as "you are signed out" waits for
 * that, so that it is true when it arrives: each process says up to where it has followed, and the database waits for
 * all that were heard of lately, for two seconds at most (auth.await_revocations). One that does not follow in time is
 * logged, held to its own bound on staleness, and not waited for again before it is back. */
export async function revocationsInForce(): Promise<void> {
  try {
    const { rows } = await database().query<{ settled: boolean }>(
      "SELECT auth.await_revocations() AS settled",
    );
    if (!rows[0]?.settled) log("warn", "revocation_not_acknowledged");
  } catch (error) {
    log("warn", "revocation_not_acknowledged", { cause: summarize(error) });
  }
}
