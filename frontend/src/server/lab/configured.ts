import { ConfigurationError, type Env } from "#server/env.ts";

/** Stops the start of a server whose lab could not be opened. The commands, which have no lab, start all the same.
 * @throws ConfigurationError */
export function assertLabConfigured({ LAB_ENABLED, LAB_PROCESSES, LAB_CREDENTIAL }: Env): void {
  if (!LAB_ENABLED) return;
  if (!LAB_PROCESSES.length) {
    throw new ConfigurationError(
      "LAB_PROCESSES is missing; name the lab's processes, or set LAB_ENABLED to false",
    );
  }
  if (!LAB_CREDENTIAL) {
    throw new ConfigurationError(
      "LAB_CREDENTIAL is missing; set it to the LAB_CREDENTIAL of the lab's processes",
    );
  }
}
