import { setTimeout as sleep } from "node:timers/promises";

/** Milliseconds that an instance answers with the key set that it has read. A withdrawn key is gone from all by then. */
export const KEY_SET_FRESH = 1_000;

/** Waits until every instance shows a key that was stored before the call: none signs earlier. */
export const untilVisible = (): Promise<void> => sleep(2 * KEY_SET_FRESH);
