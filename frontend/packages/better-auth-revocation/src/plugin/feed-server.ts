import { createHash, timingSafeEqual } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { Database } from "../database/database.ts";
import type { Page, Store } from "./store.ts";
import { Wake } from "./wake.ts";

/** So many times in a row may a notification turn out to say nothing before the next look has to wait. */
const EMPTY_LOOKS = 5;
/** Milliseconds. */
const PAUSE_AFTER_EMPTY_LOOKS = 50;

/** Milliseconds for which the list of missing triggers is kept. Its query takes longer than that of a page. */
const TRIGGERS_CHECKED_FOR = 1_000;

/** What a resource server asks for: a cursor, seconds to wait, and its own id, by which it says what is in force there. */
export const feedQuery = z.object({
  after: z
    .string()
    .max(8_000)
    .regex(/^[\w/:,.~-]+$/)
    .optional(),
  wait: z.coerce.number().int().min(0).max(30).default(0),
  listener: z.uuid().optional(),
});

/** What is sent of a page. */
export type SentPage = Omit<Page, "channels" | "origins"> & { missing_triggers: string[] };

/** An answer of the feed; 400 is a question that it does not understand, such as with a cursor that is none of its own. */
export type FeedAnswer =
  | { status: 200; page: SentPage; headers: Record<string, string> }
  | { status: 304; headers: Record<string, string> }
  | { status: 400 }
  | { status: 401 };

/** Class 22 of SQLSTATE: the cursor is none. */
const isDataException = (error: unknown) => /^22/.test(String(Object(error).code));

/** The revocation feed over HTTP, for resource servers that must not reach the database. */
export class FeedServer {
  readonly #store: Store;
  readonly #wake: Wake;
  #missingTriggers: { checkedAt: number; answer: Promise<string[]> } | undefined;

  constructor(database: Database, store: Store) {
    this.#store = store;
    this.#wake = new Wake(database);
  }

  /** @param query as {@link feedQuery} has it
   * @param credentials of the resource servers; nobody has one of none
   * @throws any error of the database */
  async answer(
    query: unknown,
    { headers, signal }: { headers: Headers; signal?: AbortSignal | undefined },
    credentials: readonly string[],
  ): Promise<FeedAnswer> {
    const credential = credentialOf(credentials, headers.get("authorization"));
    if (credential === undefined) return { status: 401 };
    const { data } = feedQuery.safeParse(query);
    if (!data) return { status: 400 };
    const { after, wait, listener } = data;
    try {
      if (listener && after) await this.#store.acknowledge(credential, listener, after);
      const page = await this.#waitForPage(after, Date.now() + wait * 1000, signal);
      const { channels: _, origins, ...read } = page;
      const sent = { ...read, missing_triggers: await this.#findMissingTriggers() };
      const answered = {
        ETag: etagOf(page.cursor),
        "Cache-Control": "no-store",
        "Revocation-Origin": origins.join(", "),
      };
      const known = after !== undefined && headers.get("if-none-match") === etagOf(after);
      return isIdle(page) && known
        ? { status: 304, headers: answered }
        : { status: 200, page: sent, headers: answered };
    } catch (error) {
      if (isDataException(error)) return { status: 400 };
      throw error;
    }
  }

  #findMissingTriggers(): Promise<string[]> {
    const now = performance.now();
    if (!this.#missingTriggers || now - this.#missingTriggers.checkedAt > TRIGGERS_CHECKED_FOR) {
      const answer = this.#store.missingTriggers();
      this.#missingTriggers = { checkedAt: now, answer };
      answer.catch(() => {
        this.#missingTriggers = undefined;
      });
    }
    return this.#missingTriggers.answer;
  }

  /** The page after a cursor: at once when it has something, else as soon as it has, or at `deadline` (milliseconds). */
  async #waitForPage(after: string | undefined, deadline: number, signal?: AbortSignal): Promise<Page> {
    for (let looks = 0; ; looks++) {
      if (looks > EMPTY_LOOKS) await sleep(PAUSE_AFTER_EMPTY_LOOKS);
      const { heard } = this.#wake;
      const page = await this.#store.readPage(after);
      const patience = deadline - Date.now();
      if (patience <= 0 || !isIdle(page) || signal?.aborted) return page;
      const isNew = await this.#wake.listen(page.channels);
      if (!isNew) await this.#wake.next(heard, patience, signal);
    }
  }
}

const isIdle = ({ complete, reset, revocations }: Page) => complete && !reset && !revocations.length;

const digest = (text: string) => createHash("sha256").update(text).digest();

const etagOf = (cursor: string) => `"${digest(cursor).toString("base64url")}"`;

/** Which of the credentials a caller has, by a name that gives nothing away. All are compared. */
function credentialOf(credentials: readonly string[], authorization: string | null): string | undefined {
  const given = digest(authorization ?? "");
  const index = credentials
    .map((credential) => timingSafeEqual(given, digest(`Bearer ${credential}`)))
    .indexOf(true);
  return index === -1
    ? undefined
    : `http ${digest(credentials[index] ?? "")
        .toString("hex")
        .slice(0, 16)}`;
}
