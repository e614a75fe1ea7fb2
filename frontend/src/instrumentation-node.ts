import { ConfigurationError, env } from "#lib/env.ts";
import { assertLabConfigured } from "#lib/lab/configured.ts";
import { removeOldGuestsRegularly } from "#lib/lab/labs.ts";
import { redactConsole } from "#lib/redacted-console.ts";
import { assertStartable } from "#lib/startup.ts";

export async function stopUnlessStartable(): Promise<void> {
  try {
    if (env().NODE_ENV === "production") redactConsole();
    assertLabConfigured(env());
    await assertStartable();
    if (env().LAB_ENABLED) removeOldGuestsRegularly();
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(78);
  }
}
