/** Milliseconds between two looks. */
const INTERVAL = 20;

/** How late this process comes to what is due, in milliseconds: the longer, the longer each request waits. */
export class EventLoopDelay {
  #due = performance.now() + INTERVAL;
  #last = 0;

  constructor() {
    setInterval(() => {
      const now = performance.now();
      this.#last = Math.max(0, now - this.#due);
      this.#due = now + INTERVAL;
    }, INTERVAL).unref();
  }

  /** Of the last look, or of the one that is due. */
  get now(): number {
    return Math.max(this.#last, performance.now() - this.#due);
  }
}
