import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Answer, LabEvent, LabState, Way } from "#contract/lab.ts";
import { env } from "#server/env.ts";
import { type Guest, removeGuest, signUpGuest } from "#server/lab/guest.ts";
import { readHealth } from "#server/lab/health.ts";
import { type FollowerView, LabProcess } from "#server/lab/processes.ts";
import { databaseNow, followRecord, forgetListeners } from "#server/lab/record.ts";
import { revoke } from "#server/lab/revoke.ts";
import { log, summarize } from "#server/log.ts";

/** Milliseconds between two requests to a process: twenty a second. */
const TICK = 50;
/** Between two while the stopwatch runs. */
const RACE_PAUSE = 1;
/** How long the stopwatch waits for the last refusal. */
const PATIENCE = 3_000;
const HEALTH_INTERVAL = 5_000;

type Listener = (event: LabEvent) => void;

/** One visitor's lab: a guest's token, the processes that are asked with it, and whoever watches. */
export class Lab {
  readonly id = randomUUID();
  readonly address: string;
  readonly #processes: LabProcess[];
  readonly #watching = new Set<Listener>();
  #followers: FollowerView[] = [];
  #guest: Guest | undefined;
  #state: LabState;
  #answers: [number, Answer][] = [];
  #asking = new Set<number>();
  #timers: NodeJS.Timeout[] = [];
  #idleSince = Date.now();
  #wasWatched = false;

  constructor(address: string) {
    this.address = address;
    this.#processes = env().LAB_PROCESSES.map((origin) => new LabProcess(origin, this.id));
    const following = this.#processes.map(() => false);
    this.#state = { phase: "issuing", token: null, revocation: null, following, bound: 0, health: null };
  }

  /** Opens the lab with its first token; else the identity provider's refusal.
   * @throws when a process can't be had. */
  async open(): Promise<Response | undefined> {
    this.#followers = await Promise.all(this.#processes.map((process) => process.open()));
    const refusal = await this.issue();
    if (refusal) return refusal;
    this.#timers = [
      setInterval(() => this.#tick(), TICK),
      setInterval(() => void this.#lookAtHealth(), HEALTH_INTERVAL),
    ];
    void this.#lookAtHealth();
    return undefined;
  }

  /** Puts a new guest with a new token in the place of the former one; else the identity provider's refusal. */
  async issue(): Promise<Response | undefined> {
    const former = this.#guest;
    const { phase } = this.#state;
    this.#change({ phase: "issuing" });
    const guest = await signUpGuest(this.address).finally(() => this.#change({ phase }));
    if (guest instanceof Response) return guest;
    this.#guest = guest;
    this.#change({ phase: "accepted", token: guest.decoded, revocation: null });
    if (former) await removeGuest(former.id);
    return undefined;
  }

  get canRevoke(): boolean {
    return this.#state.phase === "accepted";
  }

  get canIssue(): boolean {
    return this.canRevoke || this.#state.phase === "revoked";
  }

  /** Revokes the token, and measures until every process that follows the revocations has refused it.
   * @throws when the identity provider refuses, or the database is down. */
  async revoke(way: Way): Promise<void> {
    const guest = this.#guest;
    if (!guest) return;
    this.#change({ phase: "revoking" });
    try {
      const following = this.#followers.flatMap(({ following, listener }, index) =>
        following ? [{ listener, index }] : [],
      );
      // In this order: the database's zero lies after the stopwatch's, so that no refusal seems earlier than its cause.
      const started = performance.now();
      const since = await databaseNow();
      let onWritten: () => void = () => undefined;
      const written = new Promise<void>((resolve) => {
        onWritten = resolve;
      });
      const recorded = followRecord(guest, {
        since,
        listeners: following.map(({ listener }) => listener),
        patience: PATIENCE,
        onWritten,
      });
      // Before it is written nobody can refuse: asking then would only take the time of what is to be measured.
      const racing = following.map(async ({ index }) => {
        await written;
        return this.#untilRefused(index, guest, started);
      });
      await Promise.all([revoke(guest, way).finally(onWritten), recorded, ...racing]);
      const times = await Promise.all(racing);
      const record = await recorded;
      const refused = this.#spread(following, times);
      this.#change({
        phase: "revoked",
        revocation: {
          way,
          refused,
          remaining: guest.decoded.claims.exp - Date.now() / 1000,
          record: record && { ...record, acknowledged: this.#spread(following, record.acknowledged) },
        },
      });
    } catch (error) {
      this.#change({ phase: "accepted" });
      throw error;
    }
  }

  /** Stops or starts the feed of one process, for this lab alone. */
  async follow(index: number, wanted: boolean): Promise<boolean> {
    const process = this.#processes[index];
    if (!process) return false;
    const view = await (wanted ? process.startFeed() : process.stopFeed());
    this.#followers[index] = view;
    if (!view.following) await forgetListeners([view.listener]);
    this.#change({});
    return true;
  }

  /** Calls `listener` with every event from now on, the present state first, until the answer is called. */
  watch(listener: Listener): () => void {
    this.#watching.add(listener);
    this.#wasWatched = true;
    listener({ type: "state", state: this.#state });
    return () => {
      if (this.#watching.delete(listener)) this.#idleSince = Date.now();
    };
  }

  get wasWatched(): boolean {
    return this.#wasWatched;
  }

  /** Milliseconds that nobody has been watching. */
  get idle(): number {
    return this.#watching.size ? 0 : Date.now() - this.#idleSince;
  }

  /** Ends the lab: its followers are closed and forgotten, its guest is removed. */
  async close(reason: "idle" | "over"): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#emit({ type: "ended", reason });
    this.#watching.clear();
    const listeners = this.#followers.map(({ listener }) => listener);
    const outcomes = await Promise.allSettled(this.#processes.map((process) => process.close()));
    outcomes.push(
      ...(await Promise.allSettled([
        forgetListeners(listeners),
        this.#guest ? removeGuest(this.#guest.id) : Promise.resolve(),
      ])),
    );
    for (const outcome of outcomes) {
      if (outcome.status === "rejected")
        log("warn", "lab_not_tidied", { cause: summarize(outcome.reason as Error) });
    }
  }

  #spread<T>(following: { index: number }[], values: (T | null)[]): (T | null)[] {
    const spread: (T | null)[] = this.#processes.map(() => null);
    following.forEach(({ index }, place) => {
      spread[index] = values[place] ?? null;
    });
    return spread;
  }

  /** Asks every process that does not owe an answer, and tells what has been answered since the last time. */
  #tick(): void {
    const token = this.#guest?.token;
    if (!token || !this.#watching.size || this.#state.phase === "revoking") return;
    if (this.#answers.length) {
      this.#emit({ type: "answers", answers: this.#answers });
      this.#answers = [];
    }
    this.#processes.forEach((process, index) => void this.#ask(index, () => process.ask(token)));
    const [first] = this.#processes;
    if (first) void this.#ask(this.#processes.length, () => first.askOrdinary(token));
  }

  async #ask(index: number, ask: () => Promise<Answer>): Promise<void> {
    if (this.#asking.has(index)) return;
    this.#asking.add(index);
    this.#answers.push([index, await ask()]);
    this.#asking.delete(index);
  }

  async #untilRefused(index: number, guest: Guest, started: number): Promise<number | null> {
    const process = this.#processes[index];
    while (process && performance.now() - started < PATIENCE) {
      const answer = await process.ask(guest.token);
      const after = performance.now() - started;
      if (answer.code === "token_revoked") {
        this.#answers.push([index, answer]);
        return after;
      }
      await sleep(RACE_PAUSE);
    }
    return null;
  }

  async #lookAtHealth(): Promise<void> {
    if (!this.#watching.size && this.#state.health) return;
    this.#change({ health: await readHealth() });
  }

  #change(part: Partial<LabState>): void {
    const following = this.#followers.map(({ following }) => following);
    const bound = this.#followers[0]?.bound ?? 0;
    this.#state = { ...this.#state, following, bound, ...part };
    this.#emit({ type: "state", state: this.#state });
  }

  #emit(event: LabEvent): void {
    for (const listener of this.#watching) listener(event);
  }
}
