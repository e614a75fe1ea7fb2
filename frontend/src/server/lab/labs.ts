import { env } from "#server/env.ts";
import { problemResponse } from "#server/http/problem.ts";
import { removeOldGuests } from "#server/lab/guest.ts";
import { Lab } from "#server/lab/lab.ts";
import { log, summarize } from "#server/log.ts";

const MINUTE = 60_000;
/** How long a lab lasts at most, and how long without anybody watching: longer at the beginning, on a slow line. */
const LIFETIME = 30 * MINUTE;
const IDLE = 15_000;
const IDLE_AT_FIRST = 45_000;
const CHECK_INTERVAL = 5_000;
/** Milliseconds in which LAB_RATE_LIMIT counts, and between two looks for guests that were left behind. */
const WINDOW = 10 * MINUTE;
const SWEEP_INTERVAL = 10 * MINUTE;
/** The part of the labs that one address may have open; the rest is for the others. */
const PART_OF_ONE_ADDRESS = 0.6;

/** The labs of this server process. */
export class Labs {
  readonly #open = new Map<string, { lab: Lab; since: number }>();
  readonly #issued = new Map<string, number[]>();
  #opening = 0;

  constructor() {
    setInterval(() => void this.closeUnused(), CHECK_INTERVAL).unref();
  }

  /** A new lab for a visitor from `address`; else why there is none. */
  async start(address: string): Promise<Lab | Response> {
    const own = [...this.#open.values()].filter(({ lab }) => lab.address === address).length;
    const { LAB_CAPACITY: capacity } = env();
    const isFull = this.#open.size + this.#opening >= capacity;
    if (isFull || own >= Math.ceil(capacity * PART_OF_ONE_ADDRESS)) return problemResponse("overloaded");
    if (!this.admit(address)) return problemResponse("rate_limited", { retryAfter: WINDOW / 1000 });
    this.#opening += 1;
    const lab = new Lab(address);
    try {
      const refusal = await lab.open();
      if (!refusal) this.#open.set(lab.id, { lab, since: Date.now() });
      else await lab.close("over");
      return refusal ?? lab;
    } catch (error) {
      await lab.close("over");
      throw error;
    } finally {
      this.#opening -= 1;
    }
  }

  get(id: string): Lab | undefined {
    return this.#open.get(id)?.lab;
  }

  /** Whether one more token may be issued to an address: LAB_RATE_LIMIT in ten minutes. Counts it. */
  admit(address: string): boolean {
    const since = Date.now() - WINDOW;
    const recent = (this.#issued.get(address) ?? []).filter((at) => at > since);
    const isAdmitted = recent.length < env().LAB_RATE_LIMIT;
    if (isAdmitted) recent.push(Date.now());
    this.#issued.set(address, recent);
    return isAdmitted;
  }

  /** Closes the labs that nobody watches any more, and those whose time is over. */
  async closeUnused(now = Date.now()): Promise<void> {
    for (const [address, times] of this.#issued) {
      if (times.every((at) => at <= now - WINDOW)) this.#issued.delete(address);
    }
    for (const [id, { lab, since }] of this.#open) {
      const patience = lab.wasWatched ? IDLE : IDLE_AT_FIRST;
      const reason = now - since > LIFETIME ? "over" : lab.idle > patience ? "idle" : undefined;
      if (!reason) continue;
      this.#open.delete(id);
      await lab.close(reason);
    }
  }

  async closeAll(): Promise<void> {
    const labs = [...this.#open.values()];
    this.#open.clear();
    await Promise.all(labs.map(({ lab }) => lab.close("over")));
  }
}

declare global {
  var openLabs: Labs | undefined;
}

/** The labs of this process, shared across hot reloads. */
export function labs(): Labs {
  globalThis.openLabs ??= new Labs();
  return globalThis.openLabs;
}

/** Removes guests that a former server process has left behind, now and every ten minutes. */
export function removeOldGuestsRegularly(): void {
  const sweep = () =>
    removeOldGuests().catch((error: unknown) =>
      log("warn", "lab_guests_not_removed", { cause: summarize(error) }),
    );
  void sweep();
  setInterval(sweep, SWEEP_INTERVAL).unref();
}
