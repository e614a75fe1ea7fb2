import { decodeJwt } from "jose";
import { databaseOf, type MigratedAuth, pluginSettings } from "../migration/of-auth.ts";
import type { AccessTokenClaims } from "../plugin/access-token.ts";
import { Store } from "../plugin/store.ts";

/** Reads the whole feed, as a resource server that starts does, and says whether it refuses the token. Its signature and
 * its time are not looked at. */
export async function isRevoked(auth: Pick<MigratedAuth, "options">, accessToken: string): Promise<boolean> {
  const { sid, sub, ver } = decodeJwt<AccessTokenClaims>(accessToken);
  const settings = pluginSettings(auth.options);
  const database = databaseOf(auth.options, settings);
  const store = new Store(database, settings.schema);
  try {
    let after: string | undefined;
    for (;;) {
      const page = await store.readPage(after);
      const found = page.revocations.some(
        (one) => one.sid === sid || (one.sub === sub && ver < (one.min_ver ?? 0)),
      );
      if (found || page.complete) return found;
      after = page.cursor;
    }
  } finally {
    await database.end();
  }
}
