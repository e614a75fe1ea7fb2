import { ConfigurationError, env } from "#server/env.ts";
import { trustedNetworks } from "#server/http/client-address.ts";
import { assertLabConfigured } from "#server/lab/configured.ts";
import { summarize } from "#server/log.ts";
import { assertPrepared, explained } from "#server/startup.ts";

/** `doctor.ts`: what would stop the identity provider's start, a line each, each beginning with the variable. Changes
 * nothing; `unreachable` in place of the lines that need the database when that does not answer. */
async function reasons(): Promise<string[]> {
  try {
    env();
    trustedNetworks(env().TRUSTED_PROXIES);
    assertLabConfigured(env());
    await assertPrepared();
    return [];
  } catch (error) {
    const known = error instanceof ConfigurationError ? error : explained(error);
    return known ? known.message.split("\n") : [`unreachable ${summarize(error)}`];
  }
}

process.stdout.write(`${JSON.stringify(await reasons())}\n`);
process.exit(0);
