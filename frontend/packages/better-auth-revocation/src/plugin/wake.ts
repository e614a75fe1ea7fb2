import { EventEmitter, once } from "node:events";
import type { Client } from "pg";
import type { Database } from "../database/database.ts";
import { identifier } from "../database/sql.ts";

/** Milliseconds after which to look anyway: a notification can be lost with its connection. */
const POLL_INTERVAL = 1_000;

/** Milliseconds after which a connection is closed that nobody has asked for. */
const IDLE = 60_000;

/** Hears of new revocations on one connection of its own, for all who wait for a page. It is open while somebody waits, and a
 * minute longer. */
export class Wake {
  readonly #database: Database;
  readonly #events = new EventEmitter().setMaxListeners(0);
  #heard = 0;
  #listening: Promise<Client> | undefined;
  #channels = "";
  #idle: NodeJS.Timeout | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  /** How many notifications have come. To be asked before reading, so that none between is missed. */
  get heard(): number {
    return this.#heard;
  }

  /** Listens to these channels, and to no others; returns whether that is new, so that what came before was not heard.
   * Without a connection for it, waiting falls back to looking. */
  async listen(channels: string[]): Promise<boolean> {
    this.#closeLater();
    const wanted = channels.map((channel) => `LISTEN ${identifier(channel)}`).join(";");
    if (this.#listening && wanted === this.#channels) {
      await this.#listening.catch(() => undefined);
      return false;
    }
    this.#channels = wanted;
    this.#listening ??= this.#connect();
    const client = await this.#listening.catch(() => undefined);
    await client?.query(`UNLISTEN *;${wanted}`).catch(() => undefined);
    return client !== undefined;
  }

  /** Resolves once more than `known` notifications have come, after a second, or after `timeout` milliseconds. */
  async next(known: number, timeout: number, signal?: AbortSignal): Promise<void> {
    if (this.#heard !== known) return;
    const deadline = AbortSignal.timeout(Math.min(timeout, POLL_INTERVAL));
    const end = signal ? AbortSignal.any([deadline, signal]) : deadline;
    await once(this.#events, "revocation", { signal: end }).catch(() => undefined);
  }

  /** Each call puts it off. */
  #closeLater(): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      const listening = this.#listening;
      this.#listening = undefined;
      listening?.then((client) => client.end()).catch(() => undefined);
    }, IDLE).unref();
  }

  #connect(): Promise<Client> {
    const client = this.#database.newClient();
    const listening = client.connect().then(() => client);
    const forget = () => {
      if (this.#listening === listening) this.#listening = undefined;
      client.end().catch(() => undefined);
    };
    client.on("error", forget);
    client.on("end", forget);
    client.on("notification", () => {
      this.#heard += 1;
      this.#events.emit("revocation");
    });
    listening.catch(forget);
    return listening;
  }
}
