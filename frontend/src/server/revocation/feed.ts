import { createHash, timingSafeEqual } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { database } from "#server/database.ts";
import { env } from "#server/env.ts";
import { problemResponse } from "#server/http/problem.ts";
import { NAMES } from "#server/revocation/install.ts";
import { heardRevocations, nextRevocation } from "#server/revocation/wake.ts";

const PAGE = 4_000;

/** So many times in a row may a notification turn out to say nothing before the next look has to wait. */
const EMPTY_LOOKS = 5;
/** Milliseconds. */
const PAUSE_AFTER_EMPTY_LOOKS = 50;

const querySchema = z.object({
  after: z
    .string()
    .max(8_000)
    .regex(/^[\w/:,.~-]+$/)
    .optional(),
  wait: z.coerce.number().int().min(0).max(30).default(0),
  listener: z.uuid().optional(),
});

/** A page as `revocation_page` gives it; bigints in arrays come as strings. */
type Page = {
  cursor: string;
  reset: boolean;
  complete: boolean;
  expected: string;
  max_token_life: number;
  sids: string[];
  sid_expires: string[];
  subs: string[];
  sub_min_vers: string[];
  sub_expires: string[];
  others: object[];
  channels: string[];
  version: number;
  origins: string[];
  missing_triggers: string[];
};

/** Serves the revocation feed to a resource server that must not reach the database; see its client for the protocol. */
export async function serveRevocations(request: Request): Promise<Response> {
  if (!isServiceCredential(request.headers.get("authorization"))) {
    return problemResponse("token_invalid", { headers: { "WWW-Authenticate": "Bearer" } });
  }
  const query = querySchema.safeParse(Object.fromEntries(new URL(request.url).searchParams));
  if (!query.success) return problemResponse("bad_request");
  const { after, wait, listener } = query.data;
  if (listener && after) await acknowledge(listener, after);
  const page = await waitForPage(after, Date.now() + wait * 1000, request.signal);
  if (isIdle(page) && after !== undefined && request.headers.get("if-none-match") === etagOf(after)) {
    return new Response(null, { status: 304, headers: headersOf(page) });
  }
  return Response.json(
    {
      cursor: page.cursor,
      reset: page.reset,
      complete: page.complete,
      max_token_life: page.max_token_life,
      expected: Number(page.expected),
      missing_triggers: page.missing_triggers,
      schema_version: page.version,
      revocations: [
        ...page.sids.map((sid, i) => ({ sid, expires_at: Number(page.sid_expires[i]) })),
        ...page.subs.map((sub, i) => ({
          sub,
          min_ver: Number(page.sub_min_vers[i]),
          expires_at: Number(page.sub_expires[i]),
        })),
        ...page.others,
      ],
    },
    { headers: headersOf(page) },
  );
}

/** Takes a resource server's word that all up to the cursor is in force there; see {@link revocationsInForce}. It
 * speaks for listeners of its own credential only. */
const acknowledge = (listener: string, cursor: string) =>
  database().query(`SELECT ${NAMES.schema}.revocation_acknowledge($1, $2, $3)`, [
    `token ${digest(env().REVOCATION_FEED_TOKEN ?? "").toString("base64url")}`,
    listener,
    cursor,
  ]);

/** The page after a cursor: at once when it has something, else as soon as it has, or at `deadline` (milliseconds). */
async function waitForPage(after: string | undefined, deadline: number, signal: AbortSignal): Promise<Page> {
  let channels: string[] = [];
  for (let looks = 0; ; looks++) {
    const patience = deadline - Date.now();
    if (patience <= 0) return readPage(after);
    if (looks > EMPTY_LOOKS) await sleep(PAUSE_AFTER_EMPTY_LOOKS);
    const heard = await heardRevocations(channels);
    const page = await readPage(after);
    if (!isIdle(page) || signal.aborted) return page;
    channels = page.channels;
    await nextRevocation(heard, patience, signal);
  }
}

async function readPage(after: string | undefined): Promise<Page> {
  const result = await database().query<Page>(
    `SELECT feed.*, ${NAMES.schema}.revocation_origins() AS origins, ARRAY(SELECT ${NAMES.schema}.missing_revocation_triggers()) AS missing_triggers
     FROM ${NAMES.schema}.revocation_page($1, $2) AS feed`,
    [after ?? null, PAGE],
  );
  const [page] = result.rows;
  if (!page) throw new Error("the feed gave no page");
  return page;
}

const headersOf = ({ cursor, origins }: Page) => ({
  ETag: etagOf(cursor),
  "Cache-Control": "no-store",
  "Revocation-Origin": origins.join(", "),
});

const isIdle = ({ complete, reset, sids, subs, others }: Page) =>
  complete && !reset && !sids.length && !subs.length && !others.length;

const digest = (text: string) => createHash("sha256").update(text).digest();

const etagOf = (cursor: string) => `"${digest(cursor).toString("base64url")}"`;

/** Without a configured credential nobody has it. */
function isServiceCredential(authorization: string | null): boolean {
  const expected = env().REVOCATION_FEED_TOKEN;
  if (expected === undefined) return false;
  return timingSafeEqual(digest(authorization ?? ""), digest(`Bearer ${expected}`));
}
