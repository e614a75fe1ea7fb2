import { ConfigurationError } from "#lib/env.ts";
import { assertStartable } from "#lib/startup.ts";

export async function stopUnlessStartable(): Promise<void> {
  try {
    await assertStartable();
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(78);
  }
}
