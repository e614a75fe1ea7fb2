import { Database, Store } from "better-auth-revocation/composition";
import { database } from "#server/database.ts";
import { SCHEMA } from "#server/revocation/install.ts";

let cached: { database: Database; store: Store } | undefined;

/** The revocation feed's statements, over the identity provider's own pool. */
export function revocations(): { database: Database; store: Store } {
  if (!cached) {
    const own = new Database(database());
    cached = { database: own, store: new Store(own, SCHEMA) };
  }
  return cached;
}
