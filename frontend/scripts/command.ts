import { ConfigurationError } from "#server/env.ts";
import { summarize } from "#server/log.ts";

/** Runs a command on its arguments; a failure is one line on standard error and exit status 1. */
export async function runCommand(command: (args: string[]) => Promise<void>): Promise<void> {
  try {
    await command(process.argv.slice(2));
    process.exit(0);
  } catch (error) {
    const known =
      error instanceof Error &&
      (error instanceof ConfigurationError || ["CommandError", "RevocationError"].includes(error.name));
    console.error(known ? error.message : `failed: ${summarize(error)}`);
    process.exit(1);
  }
}
