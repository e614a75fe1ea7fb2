import type { ReadableStream } from "node:stream/web";
import { setTimeout as sleep } from "node:timers/promises";
import type { AuthContext } from "better-auth";
import { assertDirect } from "../database/direct.ts";
import { RevocationError } from "../errors.ts";
import type { ResourceServer } from "./options.ts";
import { reasonOf } from "./outage.ts";
import type { Runtime } from "./runtime.ts";

/** Milliseconds that a resource server has to say how it is. */
const PATIENCE = 5_000;
/** Milliseconds between two looks at a resource server that is not ready, how many there are, and which is the first after
 * which that is said. */
const PAUSE = 5_000;
const LOOKS = 12;
const LOOKS_AT_START = 3;
/** Of what it says, so many characters are read and shown. */
const READ = 65_536;
const SHOWN = 300;

/** Says at start, a line each, what tokens are issued, what keeps them from being issued, and how the resource servers are.
 * A database that is still coming up keeps nothing from starting. */
export async function reportStart(runtime: Runtime, ctx: AuthContext): Promise<void> {
  const { logger } = ctx;
  const { audience, issuer, algorithm, lifetime, resourceServers } = runtime.settings;
  const fault = await runtime.fault(ctx).catch(unanswered);
  if (fault) logger.error(`[revocation] no token is issued: ${fault}`);
  else {
    logger.info(
      `[revocation] tokens of ${issuer ?? ctx.options.baseURL} for ${audience}, ${algorithm}, of ${lifetime} seconds at most`,
    );
  }
  await Promise.all([
    warnOfPooler(runtime, ctx),
    ...resourceServers.map((one) => reportResourceServer(one, ctx)),
  ]);
}

const unanswered = (error: unknown): string =>
  `the database did not answer whether it is prepared for revocation: ${reasonOf(error)}`;

/** Asks until the resource server is ready, for a minute at most: whoever starts both at once has it later. */
async function reportResourceServer(server: ResourceServer, { logger }: AuthContext): Promise<void> {
  const { address } = server;
  let said: string | undefined;
  for (let look = 1; look <= LOOKS; look++) {
    const problem = await problemOf(server);
    if (!problem) return logger.info(`[revocation] the resource server ${address} is ready`);
    if (problem !== said && look >= LOOKS_AT_START) {
      logger.error(`[revocation] the resource server ${address} is not ready: ${problem}`);
      said = problem;
    }
    await sleep(PAUSE, undefined, { ref: false });
  }
}

/** Behind a transaction pooler the feed works, but by looking once a second: no notification arrives. */
async function warnOfPooler({ database }: Runtime, { logger }: AuthContext): Promise<void> {
  // The question takes two connections at once, and whoever has a pool of one may have no more.
  if (database.pool.options.max < 2) return;
  await assertDirect(database).catch((error: unknown) => {
    if (error instanceof RevocationError) logger.warn(`[revocation] ${error.message}`);
  });
}

/** Why a resource server is not ready by its own account; nothing when it is. */
async function problemOf({ address, credential }: ResourceServer): Promise<string | undefined> {
  try {
    const answer = await fetch(address, {
      signal: AbortSignal.timeout(PATIENCE),
      redirect: "error",
      headers: credential === undefined ? {} : { authorization: `Bearer ${credential}` },
    });
    if (answer.ok) {
      await answer.body?.cancel();
      return undefined;
    }
    const said = await beginningOf(answer);
    const reason = reasonIn(said);
    const shown = (reason ?? said).replace(/\s+/g, " ").slice(0, SHOWN).trim();
    return `${answer.status} ${shown}${reason === undefined && credential === undefined ? HINT : ""}`;
  } catch {
    return "it does not answer";
  }
}

/** What a body begins with; no more of it is read. */
async function beginningOf({ body }: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const part of (body ?? []) as ReadableStream<Uint8Array>) {
    text += decoder.decode(part, { stream: true });
    if (text.length >= READ) break;
  }
  return text;
}

const HINT = "; if it tells the reason only to holders of a credential, give that as `credential`";

/** What is not ready by a health answer of the form `{"checks": {"database": "ok", "keys": "why not"}}`; nothing in another
 * form. */
function reasonIn(said: string): string | undefined {
  const { checks } = parsed(said);
  if (typeof checks !== "object" || checks === null) return undefined;
  const failed = Object.entries(checks).filter(([, outcome]) => outcome !== "ok");
  return failed.map(([name, outcome]) => `${name}: ${String(outcome)}`).join("; ") || undefined;
}

function parsed(text: string): { checks?: unknown } {
  try {
    return Object(JSON.parse(text)) as { checks?: unknown };
  } catch {
    return {};
  }
}
