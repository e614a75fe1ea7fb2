import { decodeJwt } from "jose";
import { databaseOf, type MigratedAuth, pluginSettings } from "../migration/of-auth.ts";
import type { AccessTokenClaims } from "../plugin/access-token.ts";
import { type Revocation, Store } from "../plugin/store.ts";

/** Reads the whole feed, as a resource server that starts does, and says whether it refuses the token. Its signature and
 * its time are not looked at. */
export async function isRevoked(auth: Pick<MigratedAuth, "options">, accessToken: string): Promise<boolean> {
  const claims = decodeJwt<AccessTokenClaims>(accessToken);
  const settings = pluginSettings(auth.options);
  const database = databaseOf(auth.options, settings);
  const store = new Store(database, settings.schema);
  try {
    let after: string | undefined;
    for (;;) {
      const page = await store.readPage(after);
      const found = page.revocations.some((one) => concerns(one, claims));
      if (found || page.complete) return found;
      after = page.cursor;
    }
  } finally {
    await database.end();
  }
}

function concerns(one: Revocation, { sid, sub, ver, jti, iss, iat }: AccessTokenClaims): boolean {
  if (one.sid !== undefined) return one.sid === sid;
  if (one.jti !== undefined) return one.jti === jti && (one.effective_at ?? 0) <= Date.now() / 1000;
  if (one.min_ver !== undefined) return one.sub === sub && ver < one.min_ver;
  return (one.sub === sub || one.iss === iss) && iat < (one.issued_before ?? 0);
}
