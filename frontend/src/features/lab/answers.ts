import type { Answer } from "#contract/lab.ts";
import { type Tone, toneOf } from "#features/lab/words.ts";

/** One answer of a process; `at` by `performance.now()`. */
export type Dot = { at: number; tone: Tone };

/** More than the widest lane can show. */
const KEPT = 200;

/** The latest answers of every process, for the lanes; kept outside of React, which twenty a second would tire. */
export class Answers {
  readonly #dots: Dot[][] = [];
  readonly #latest: Answer[] = [];
  readonly #watching = new Set<() => void>();
  #marks: number[] = [];

  take(process: number, answer: Answer): void {
    const dots = this.#dots[process] ?? [];
    this.#dots[process] = dots;
    dots.push({ at: performance.now(), tone: toneOf(answer) });
    if (dots.length > KEPT) dots.splice(0, dots.length - KEPT);
    this.#latest[process] = answer;
  }

  /** Marks the moment of a revocation. */
  mark(): void {
    this.#marks = [...this.#marks.slice(-5), performance.now()];
  }

  get marks(): readonly number[] {
    return this.#marks;
  }

  dotsOf = (process: number): readonly Dot[] => this.#dots[process] ?? [];

  latestOf = (process: number): Answer | undefined => this.#latest[process];

  /** Tells those who draw that there is something new. */
  announce(): void {
    for (const draw of this.#watching) draw();
  }

  watch(draw: () => void): () => void {
    this.#watching.add(draw);
    return () => this.#watching.delete(draw);
  }
}
