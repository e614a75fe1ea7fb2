import type { GenericEndpointContext } from "better-auth";
import { type JwtOptions, type ResolvedSigningKey, resolveSigningKey } from "better-auth/plugins";
import type { SigningKey } from "better-auth-revocation/composition";
import { database } from "#server/database.ts";
import { env } from "#server/env.ts";

type Held = Pick<SigningKey, "id" | "privateKey"> & { key: ResolvedSigningKey };

let held: Held | undefined;

/** The key that signs at present, decrypted and imported. Which one that is, is read each time, so that a withdrawn key
 * stops at once; the same one is not decrypted again. */
export async function signingKey(
  ctx: GenericEndpointContext,
  options: JwtOptions,
): Promise<ResolvedSigningKey> {
  const { rows } = await database().query<Pick<SigningKey, "id" | "privateKey">>(
    `SELECT id, "privateKey" FROM auth.jwks
     WHERE coalesce("activatesAt" <= $1, true) AND coalesce("expiresAt" > $1, true)
     ORDER BY coalesce(alg, $2) = $2 DESC, "createdAt" DESC LIMIT 1`,
    [new Date(), env().JWT_ALGORITHM],
  );
  const [present] = rows;
  if (present && held?.id === present.id && held.privateKey === present.privateKey) return held.key;
  const key = await resolveSigningKey(ctx, options);
  if (!key) throw new Error("signing is left to somebody else");
  if (key.kid === present?.id) held = { ...present, key };
  return key;
}
