import { createHash, timingSafeEqual } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { APIError, createAuthEndpoint } from "better-auth/api";
import { z } from "zod";
import { REVOCATION_ERROR_CODES as CODES } from "./error-codes.ts";
import { type Runtime, unlessAway } from "./runtime.ts";
import type { Page } from "./store.ts";
import { Wake } from "./wake.ts";

/** So many times in a row may a notification turn out to say nothing before the next look has to wait. */
const EMPTY_LOOKS = 5;
/** Milliseconds. */
const PAUSE_AFTER_EMPTY_LOOKS = 50;

const query = z.object({
  after: z
    .string()
    .max(8_000)
    .regex(/^[\w/:,.~-]+$/)
    .optional(),
  wait: z.coerce.number().int().min(0).max(30).default(0),
  listener: z.uuid().optional(),
});

/** Class 22 of SQLSTATE: the cursor is none. */
const isDataException = (error: unknown) => /^22/.test(String(Object(error).code));

/** The revocation feed over HTTP, for resource servers that must not reach the database. */
export function feedEndpoint(runtime: Runtime) {
  let wake: Wake | undefined;

  /** The page after a cursor: at once when it has something, else as soon as it has, or at `deadline` (milliseconds). */
  async function waitForPage(
    after: string | undefined,
    deadline: number,
    signal?: AbortSignal,
  ): Promise<Page> {
    wake ??= new Wake(runtime.database);
    for (let looks = 0; ; looks++) {
      if (looks > EMPTY_LOOKS) await sleep(PAUSE_AFTER_EMPTY_LOOKS);
      const { heard } = wake;
      const page = await runtime.store.readPage(after);
      const patience = deadline - Date.now();
      if (patience <= 0 || !isIdle(page) || signal?.aborted) return page;
      const isNew = await wake.listen(page.channels);
      if (!isNew) await wake.next(heard, patience, signal);
    }
  }

  return {
    readRevocations: createAuthEndpoint(
      "/revocations",
      { method: "GET", query, requireHeaders: true },
      async (ctx) => {
        const credential = credentialOf(runtime, ctx.headers.get("authorization"));
        if (credential === undefined) {
          throw new APIError("UNAUTHORIZED", CODES.FEED_CREDENTIAL_INVALID, { "WWW-Authenticate": "Bearer" });
        }
        const { after, wait, listener } = ctx.query;
        const page = await unlessAway(async () => {
          try {
            if (listener && after) await runtime.store.acknowledge(credential, listener, after);
            return await waitForPage(after, Date.now() + wait * 1000, ctx.request?.signal);
          } catch (error) {
            if (isDataException(error)) throw APIError.from("BAD_REQUEST", CODES.CURSOR_INVALID);
            throw error;
          }
        });
        ctx.setHeader("Cache-Control", "no-store");
        ctx.setHeader("ETag", etagOf(page.cursor));
        if (isIdle(page) && after !== undefined && ctx.headers.get("if-none-match") === etagOf(after)) {
          throw new APIError("NOT_MODIFIED", undefined, { ETag: etagOf(after), "Cache-Control": "no-store" });
        }
        const { channels: _, ...shown } = page;
        return ctx.json(shown);
      },
    ),
  };
}

const isIdle = ({ complete, reset, revocations }: Page) => complete && !reset && !revocations.length;

const digest = (text: string) => createHash("sha256").update(text).digest();

const etagOf = (cursor: string) => `"${digest(cursor).toString("base64url")}"`;

/** Which of the configured credentials a caller has, by a name that gives nothing away. All are compared. */
function credentialOf({ settings }: Runtime, authorization: string | null): string | undefined {
  const given = digest(authorization ?? "");
  const index = settings.feedCredentials
    .map((credential) => timingSafeEqual(given, digest(`Bearer ${credential}`)))
    .indexOf(true);
  return index === -1
    ? undefined
    : `http ${digest(settings.feedCredentials[index] ?? "")
        .toString("hex")
        .slice(0, 16)}`;
}
