import { createHash, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { database } from "#lib/database.ts";
import { env } from "#lib/env.ts";
import { problemResponse } from "#lib/problem.ts";
import { heardRevocations, nextRevocation } from "#lib/revocation/wake.ts";

const PAGE = 4_000;

const querySchema = z.object({
  after: z
    .string()
    .max(8_000)
    .regex(/^[\w/:,.~-]+$/)
    .optional(),
  wait: z.coerce.number().int().min(0).max(30).default(0),
  listener: z.uuid().optional(),
});

/** A page as `auth.revocations_after` gives it; bigints come as strings. */
type Page = {
  cursor: string;
  reset: boolean;
  complete: boolean;
  expected: string;
  max_token_life: number;
  sids: string[];
  sid_expires: string[];
  subs: string[];
  sub_min_vers: number[];
  sub_expires: string[];
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
    return new Response(null, { status: 304, headers: { ETag: etagOf(after), "Cache-Control": "no-store" } });
  }
  return Response.json(
    {
      cursor: page.cursor,
      reset: page.reset,
      complete: page.complete,
      max_token_life: page.max_token_life,
      expected: Number(page.expected),
      missing_triggers: page.missing_triggers,
      revocations: [
        ...page.sids.map((sid, i) => ({ sid, expires_at: Number(page.sid_expires[i]) })),
        ...page.subs.map((sub, i) => ({
          sub,
          min_ver: page.sub_min_vers[i],
          expires_at: Number(page.sub_expires[i]),
        })),
      ],
    },
    { headers: { ETag: etagOf(page.cursor), "Cache-Control": "no-store" } },
  );
}

/** Takes a resource server's word that all up to the cursor is in force there; see {@link revocationsInForce}. */
const acknowledge = (listener: string, cursor: string) =>
  database().query("SELECT auth.acknowledge_revocations($1, $2)", [listener, cursor]);

/** The page after a cursor: at once when it has something, else as soon as it has, or at `deadline` (milliseconds). */
async function waitForPage(after: string | undefined, deadline: number, signal: AbortSignal): Promise<Page> {
  for (;;) {
    const patience = deadline - Date.now();
    if (patience <= 0) return readPage(after);
    const heard = await heardRevocations();
    const page = await readPage(after);
    if (!isIdle(page) || signal.aborted) return page;
    await nextRevocation(heard, patience, signal);
  }
}

async function readPage(after: string | undefined): Promise<Page> {
  const result = await database().query<Page>(
    `SELECT feed.*, ARRAY(SELECT auth.missing_revocation_triggers()) AS missing_triggers
     FROM auth.revocations_after($1, $2) AS feed`,
    [after ?? null, PAGE],
  );
  const [page] = result.rows;
  if (!page) throw new Error("the feed gave no page");
  return page;
}

const isIdle = ({ complete, reset, sids, subs }: Page) => complete && !reset && !sids.length && !subs.length;

const digest = (text: string) => createHash("sha256").update(text).digest();

const etagOf = (cursor: string) => `"${digest(cursor).toString("base64url")}"`;

/** Without a configured credential nobody has it. */
function isServiceCredential(authorization: string | null): boolean {
  const expected = env().REVOCATION_FEED_TOKEN;
  if (expected === undefined) return false;
  return timingSafeEqual(digest(authorization ?? ""), digest(`Bearer ${expected}`));
}
