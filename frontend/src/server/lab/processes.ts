import type { Answer } from "#contract/lab.ts";
import { env } from "#server/env.ts";

const ASK_TIMEOUT = 2_000;
const CONTROL_TIMEOUT = 8_000;

/** A process's follower of one lab; `listener` is its id in the database's record, `bound` that of its staleness. */
export type FollowerView = { listener: string; following: boolean; bound: number };

/** One lab as one of the lab's processes has it, at that process's own address. */
export class LabProcess {
  readonly #lab: string;
  readonly #origin: string;

  constructor(origin: string, id: string) {
    this.#origin = origin;
    this.#lab = `${origin}/labs/${id}`;
  }

  /** @throws when the process does not answer, or refuses. */
  open = (): Promise<FollowerView> => this.#control("PUT", this.#lab);

  startFeed = (): Promise<FollowerView> => this.#control("PUT", `${this.#lab}/feed`);

  stopFeed = (): Promise<FollowerView> => this.#control("DELETE", `${this.#lab}/feed`);

  async close(): Promise<void> {
    await this.#send("DELETE", this.#lab);
  }

  /** The check that this project makes. */
  ask = (token: string): Promise<Answer> => this.#ask(this.#lab, token);

  /** The ordinary check: signature and time only. */
  askOrdinary = (token: string): Promise<Answer> => this.#ask(`${this.#origin}/ordinary`, token);

  async #ask(address: string, token: string): Promise<Answer> {
    try {
      const answer = await fetch(address, {
        headers: { authorization: `Bearer ${token}` },
        signal: AbortSignal.timeout(ASK_TIMEOUT),
      });
      const { code, microseconds, following, staleness } = (await answer.json()) as Omit<Answer, "status">;
      return {
        status: answer.status,
        ...(code !== undefined && { code }),
        ...(microseconds !== undefined && { microseconds }),
        ...(following !== undefined && { following }),
        ...(staleness !== undefined && { staleness }),
      };
    } catch {
      return { status: 0 };
    }
  }

  async #control(method: string, address: string): Promise<FollowerView> {
    return (await (await this.#send(method, address)).json()) as FollowerView;
  }

  async #send(method: string, address: string): Promise<Response> {
    const answer = await fetch(address, {
      method,
      headers: { authorization: `Bearer ${env().LAB_CREDENTIAL}` },
      signal: AbortSignal.timeout(CONTROL_TIMEOUT),
    });
    if (!answer.ok) throw new Error(`a lab process answered ${answer.status}`);
    return answer;
  }
}
