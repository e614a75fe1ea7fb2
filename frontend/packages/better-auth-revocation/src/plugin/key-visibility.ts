import { setTimeout as sleep } from "node:timers/promises";

/** Milliseconds that an instance answers with the key set that it has read. A withdrawn key is gone from all by then. */
export const KEY_SET_FRESH = 1_000;

/** Milliseconds after which every instance shows a key that is stored now, and none shows one that is removed now. */
export const VISIBLE_AFTER = 2 * KEY_SET_FRESH;

/** Waits until every instance shows the keys as they were stored before the call. */
export const untilVisible = (): Promise<void> => sleep(VISIBLE_AFTER);
