import type { AuthContext } from "better-auth";
import { assertDirect } from "../database/direct.ts";
import { RevocationError } from "../errors.ts";
import type { Runtime } from "./runtime.ts";

/** Milliseconds that a resource server has to say how it is. */
const PATIENCE = 5_000;
/** Of what it says, so many characters are shown. */
const SHOWN = 300;

/** Says at start, a line each, what tokens are issued, what keeps them from being issued, and how the resource servers are.
 * A database that is still coming up keeps nothing from starting. */
export async function reportStart(runtime: Runtime, ctx: AuthContext): Promise<void> {
  const { logger } = ctx;
  const { audience, issuer, algorithm, lifetime, resourceServers } = runtime.settings;
  const fault = await runtime.fault().catch(() => undefined);
  if (fault) logger.error(`[revocation] no token is issued: ${fault}`);
  else {
    logger.info(
      `[revocation] tokens of ${issuer ?? ctx.options.baseURL} for ${audience}, ${algorithm}, of ${lifetime} seconds at most`,
    );
  }
  await Promise.all([
    warnOfPooler(runtime, ctx),
    ...resourceServers.map(async (address) => {
      const problem = await problemOf(address);
      if (problem) logger.error(`[revocation] the resource server ${address} is not ready: ${problem}`);
      else logger.info(`[revocation] the resource server ${address} is ready`);
    }),
  ]);
}

/** Behind a transaction pooler the feed works, but by looking once a second: no notification arrives. */
async function warnOfPooler({ database }: Runtime, { logger }: AuthContext): Promise<void> {
  // The question takes two connections at once.
  if (database.pool.options.max < 2) return;
  await assertDirect(database).catch((error: unknown) => {
    if (error instanceof RevocationError) logger.warn(`[revocation] ${error.message}`);
  });
}

/** Why a resource server is not ready by its own account; nothing when it is. */
async function problemOf(address: string): Promise<string | undefined> {
  try {
    const answer = await fetch(address, { signal: AbortSignal.timeout(PATIENCE), redirect: "error" });
    const said = (await answer.text()).replace(/\s+/g, " ").slice(0, SHOWN);
    return answer.ok ? undefined : `${answer.status} ${said}`.trim();
  } catch {
    return "it does not answer";
  }
}
