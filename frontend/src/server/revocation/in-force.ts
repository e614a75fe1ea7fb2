import { setTimeout as sleep } from "node:timers/promises";
import { database } from "#server/database.ts";
import { log, summarize } from "#server/log.ts";
import { NAMES } from "#server/revocation/install.ts";

/** Milliseconds that an answer waits at most. */
const PATIENCE = 2_000;

let running: Promise<void> | undefined;
let next: Promise<void> | undefined;

/** Resolves once all that was revoked before this call is refused by every resource server that follows the feed.
 *
 * A notification reaches a process some milliseconds after the commit. An answer such as "you are signed out" waits for
 * that, so that it is true when it arrives: each process says up to where it has followed, and the database waits for
 * all that were heard of lately, for two seconds at most (await_revocations). One that does not follow in time is
 * logged, held to its own bound on staleness, and not waited for again before it is back.
 *
 * However many answers wait, they hold one connection: those that come while the database waits share the next wait. */
export async function revocationsInForce(): Promise<void> {
  next ??= startAfter(running);
  const done = next;
  const timer = new AbortController();
  const patience = sleep(PATIENCE, "late", { signal: timer.signal, ref: false }).catch(() => undefined);
  if ((await Promise.race([done, patience])) === "late") log("warn", "revocation_not_acknowledged");
  timer.abort();
}

async function startAfter(former: Promise<void> | undefined): Promise<void> {
  await former;
  const wait = awaitRevocations();
  running = wait;
  next = undefined;
  await wait;
  if (running === wait) running = undefined;
}

async function awaitRevocations(): Promise<void> {
  try {
    const { rows } = await database().query<{ settled: boolean }>(
      `SELECT ${NAMES.schema}.await_revocations(make_interval(secs => $1)) AS settled`,
      [PATIENCE / 1000],
    );
    if (!rows[0]?.settled) log("warn", "revocation_not_acknowledged");
  } catch (error) {
    log("warn", "revocation_not_acknowledged", { cause: summarize(error) });
  }
}
