import type { GenericEndpointContext } from "better-auth";
import type { Jwk } from "better-auth/plugins";
import type { Runtime } from "./runtime.ts";

type NewKey = Omit<Jwk, "id">;

const signs = ({ expiresAt }: Jwk) => !expiresAt || expiresAt.getTime() > Date.now();

/** Stores `key` unless one of its algorithm signs already: first requests in parallel end up with one key. */
export const createSigningKeyOnce = (
  { database, settings }: Runtime,
  key: NewKey,
  { context: { adapter } }: GenericEndpointContext,
): Promise<Jwk> =>
  database.transaction(async (transaction) => {
    await transaction.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [
      `better-auth-revocation signing key ${settings.schema}`,
    ]);
    const present = await adapter.findMany<Jwk>({ model: "jwks", limit: 1000 });
    const found = present.find((other) => (other.alg ?? "EdDSA") === key.alg && signs(other));
    return found ?? (await adapter.create<NewKey, Jwk>({ model: "jwks", data: key }));
  });
