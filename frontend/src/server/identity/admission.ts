/** Why a request is not taken: there is too much to do for everybody, or for this client alone. */
export type Refused = "overloaded" | "client";

type Waiting = { client: string; start: (admitted: true | Refused) => void };

export type AdmissionLimits = {
  /** Requests that are carried out at a time. */
  running: number;
  /** Requests that wait for it. */
  queue: number;
  /** Milliseconds that one waits at most. */
  wait: number;
};

/** Lets a bounded number of requests in, in the order in which they came, and the others wait for a bounded time in a
 * bounded queue. Who is refused has cost nothing yet. */
export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #queue: Waiting[] = [];
  #running = 0;

  constructor(limits: AdmissionLimits) {
    this.#limits = limits;
  }

  /** Requests that are carried out now. */
  get running(): number {
    return this.#running;
  }

  /** Requests that wait for their turn now. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** Does `work` once it is its turn, or says why it never will be; a client that holds most of a full queue is told so. */
  async run<T>(client: string, work: () => Promise<T>): Promise<T | Refused> {
    if (this.#running < this.#limits.running) {
      this.#running++;
    } else {
      const turn = await this.#waitTurn(client);
      if (turn !== true) return turn;
    }
    try {
      return await work();
    } finally {
      // The place goes to the next in line, and is free only when there is none.
      const next = this.#queue.shift();
      if (next) next.start(true);
      else this.#running--;
    }
  }

  #waitTurn(client: string): Promise<true | Refused> | Refused {
    if (this.#queue.length >= this.#limits.queue) return this.#isMostly(client) ? "client" : "overloaded";
    return new Promise((resolve) => {
      const waiting: Waiting = {
        client,
        start: (admitted) => {
          clearTimeout(timer);
          resolve(admitted);
        },
      };
      const timer = setTimeout(() => {
        this.#queue.splice(this.#queue.indexOf(waiting), 1);
        waiting.start("overloaded");
      }, this.#limits.wait);
      this.#queue.push(waiting);
    });
  }

  /** An empty address is nobody's: those without one share it. */
  #isMostly(client: string): boolean {
    return (
      client !== "" && this.#queue.filter((one) => one.client === client).length * 2 > this.#limits.queue
    );
  }
}
