import { InForce } from "better-auth-revocation/composition";
import { log, summarize } from "#server/log.ts";
import { revocations } from "#server/revocation/store.ts";

const inForce = new InForce(
  () => revocations().store,
  (error) => log("warn", "revocation_not_awaited", { cause: summarize(error) }),
);

/** Resolves once all that was revoked before this call is refused by every resource server that follows the feed, after two
 * seconds at most.
 *
 * A notification reaches a process some milliseconds after the commit. An answer such as "you are signed out" waits for
 * that, so that it is true when it arrives. A resource server that does not follow in time is logged, held to its own bound
 * on staleness, and not waited for again before it is back. */
export async function revocationsInForce(): Promise<void> {
  if (!(await inForce.wait())) log("warn", "revocation_not_acknowledged");
}
