import { revocations } from "#server/revocation/store.ts";

/** What this database is known by, the newest name first; renewed when it is a minute old. */
export const revocationOrigins = (): Promise<string[]> => revocations().store.renewOrigins();
