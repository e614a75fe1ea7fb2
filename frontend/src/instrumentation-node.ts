import { ConfigurationError, env } from "#lib/env.ts";
import { redactConsole } from "#lib/redacted-console.ts";
import { assertStartable } from "#lib/startup.ts";

export async function stopUnlessStartable(): Promise<void> {
  try {
    if (env().NODE_ENV === "production") redactConsole();
    await assertStartable();
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(78);
  }
}
