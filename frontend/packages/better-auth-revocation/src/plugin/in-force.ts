import { setTimeout as sleep } from "node:timers/promises";
import { defineRequestState, hasRequestState } from "@better-auth/core/context";
import type { BetterAuthPlugin, GenericEndpointContext } from "better-auth";
import { createAuthMiddleware } from "better-auth/api";
import type { Runtime } from "./runtime.ts";
import type { Store } from "./store.ts";

/** Milliseconds that an answer waits at most. */
const PATIENCE = 2_000;

/** These open a session, renew a token, or remove a session that has expired. */
const ENDING_NOTHING = /^\/(?:sign-(?:in|up)\/|renew$|get-session$)/;

/** How long an answer waited, in seconds, and whether all that was committed before was in force by then. */
export interface Wait {
  seconds: number;
  inForce: boolean;
}

/** Waits for the resource servers. However many answers wait, they hold one connection: those that come while the
 * database waits share the next wait. */
export class InForce {
  readonly #store: () => Store;
  readonly #failed: (error: unknown) => void;
  readonly #awaited: (wait: Wait) => void;
  #running: Promise<boolean> | undefined;
  #next: Promise<boolean> | undefined;

  /** @param failed is told why the database could not be asked, and what `awaited` has thrown
   * @param awaited is told of each wait when it is over */
  constructor(
    store: () => Store,
    failed: (error: unknown) => void = () => undefined,
    awaited: (wait: Wait) => void = () => undefined,
  ) {
    this.#store = store;
    this.#failed = failed;
    this.#awaited = awaited;
  }

  /** Resolves to true once all that was committed before this call is in force with every follower of the feed, to false
   * when not all have followed in time. */
  async wait(): Promise<boolean> {
    const started = performance.now();
    this.#next ??= this.#startAfter(this.#running);
    const timer = new AbortController();
    const patience = sleep(PATIENCE, false, { signal: timer.signal, ref: false }).catch(() => false);
    const inForce = await Promise.race([this.#next, patience]);
    timer.abort();
    try {
      this.#awaited({ seconds: (performance.now() - started) / 1000, inForce });
    } catch (error) {
      this.#failed(error);
    }
    return inForce;
  }

  async #startAfter(former: Promise<boolean> | undefined): Promise<boolean> {
    await former;
    const wait = this.#store()
      .awaitInForce(PATIENCE / 1000)
      .catch((error: unknown) => {
        this.#failed(error);
        return false;
      });
    this.#running = wait;
    this.#next = undefined;
    const settled = await wait;
    if (this.#running === wait) this.#running = undefined;
    return settled;
  }
}

/** Whether what this call has written may have ended something. */
const ending = defineRequestState<{ isLikely?: true }>(() => ({}));

async function noteEnding(): Promise<void> {
  if (await hasRequestState()) (await ending.get()).isLikely = true;
}

/** What ends sessions and tokens. A call of the server's own, by `auth.api`, has no method to tell it by. */
const endingHooks = {
  session: { delete: { after: noteEnding } },
  user: { update: { after: noteEnding }, delete: { after: noteEnding } },
  account: { update: { after: noteEnding } },
};

/** Lets an answer that ends something wait until it is in force, so that it is true when it arrives. */
const awaitInForce = (runtime: Runtime) => ({
  matcher: ({ path }: { path?: string }) => path !== undefined && !ENDING_NOTHING.test(path),
  handler: createAuthMiddleware(async (ctx) => {
    if (await mayHaveEnded(ctx.request)) await inForceOrWarn(runtime, ctx);
  }),
});

/** Makes answers true: what they say has ended is refused by every resource server. */
export const answersInForce = (runtime: Runtime) =>
  ({
    id: "revocation-in-force",
    init: () => ({ options: { databaseHooks: endingHooks } }),
    hooks: { after: [awaitInForce(runtime)] },
  }) satisfies BetterAuthPlugin;

async function mayHaveEnded(request: Request | undefined): Promise<boolean> {
  if (request && !["GET", "HEAD", "OPTIONS"].includes(request.method)) return true;
  return (await hasRequestState()) && (await ending.get()).isLikely === true;
}

/** Waits, and says in the log when not every resource server has followed. */
export async function inForceOrWarn(
  { inForce }: Runtime,
  { context }: GenericEndpointContext,
): Promise<void> {
  if (!(await inForce.wait())) {
    context.logger.warn("[revocation] not every resource server has followed in time");
  }
}
