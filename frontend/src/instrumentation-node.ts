import { ConfigurationError, env } from "#server/env.ts";
import { forgetOldEventsRegularly } from "#server/identity/audit-retention.ts";
import { assertLabConfigured } from "#server/lab/configured.ts";
import { removeOldGuestsRegularly } from "#server/lab/labs.ts";
import { redactConsole } from "#server/redacted-console.ts";
import { assertStartable } from "#server/startup.ts";

export async function stopUnlessStartable(): Promise<void> {
  try {
    if (env().NODE_ENV === "production") redactConsole();
    assertLabConfigured(env());
    await assertStartable();
    forgetOldEventsRegularly();
    if (env().LAB_ENABLED) removeOldGuestsRegularly();
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(78);
  }
}
