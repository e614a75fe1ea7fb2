import type { AuthContext } from "better-auth";
import { RevocationError } from "../errors.ts";

const ADAPTERS = ["kysely", "drizzle", "prisma"];

/** Refuses configurations over which revocation would be a promise only.
 * @throws RevocationError with the remedy */
export function assertSafe({
  options,
  adapter,
  rateLimit,
}: Pick<AuthContext, "options" | "adapter" | "rateLimit">): void {
  if (!ADAPTERS.includes(adapter.id)) {
    throw new RevocationError(
      `Better Auth's adapter is ${adapter.id}; revocation needs Postgres, by the Kysely, Drizzle or Prisma adapter`,
    );
  }
  // Better Auth asks it first, also with `storeSessionInDatabase`.
  if (options.secondaryStorage) {
    throw new RevocationError(
      "`secondaryStorage` answers for sessions and second factors that have ended in the database; remove it (for rate limits, use `rateLimit.customStorage`)",
    );
  }
  if (rateLimit.enabled && isServingPublic() && !knowsClients(options)) {
    throw new RevocationError(
      'rate limits would count everybody as one, for no header is declared that tells clients apart; give revocableJwt() a `clientAddress`, such as "vercel" or { hops: 1 }',
    );
  }
  const jwts = options.plugins?.filter(({ id }) => id === "jwt") ?? [];
  if (jwts.length > 1) {
    throw new RevocationError(
      "jwt() is among the plugins besides revocableJwt(), which brings it; remove it",
    );
  }
  if (!issuerOf(options) && isServingPublic() && !options.baseURL) {
    throw new RevocationError(
      "there is no `baseURL`, so the issuer would be whatever host a request names; set `baseURL`, or give revocableJwt() an `issuer`",
    );
  }
  if (!issuerOf(options) && options.baseURL && typeof options.baseURL !== "string") {
    throw new RevocationError(
      "`baseURL` is not one address, so the issuer can't be told; give revocableJwt() an `issuer`",
    );
  }
}

/** In the build that Next.js makes for production, where neither a database nor an address need be there. */
export const isBuild = (): boolean => process.env["NEXT_PHASE"] === "phase-production-build";

const isServingPublic = (): boolean => process.env["NODE_ENV"] === "production" && !isBuild();

function knowsClients({ advanced, plugins }: AuthContext["options"]): boolean {
  const { ipAddressHeaders, trustedProxies, disableIpTracking } = advanced?.ipAddress ?? {};
  if (disableIpTracking) return false;
  const declared = plugins?.find(({ id }) => id === "revocation")?.options?.["clientAddress"];
  return Boolean(declared || ipAddressHeaders?.length || trustedProxies?.length);
}

const issuerOf = ({ plugins }: AuthContext["options"]): unknown =>
  plugins?.find(({ id }) => id === "jwt")?.options?.["jwt"]?.issuer;

/** What works but promises less than one might think, as lines with the remedy. */
export function warningsOf({ options, adapter }: Pick<AuthContext, "options" | "adapter">): string[] {
  const found: string[] = [];
  if (options.session?.cookieCache?.enabled) {
    found.push("`session.cookieCache` shows an ended session as alive until the cookie expires; turn it off");
  }
  const bearer = options.plugins?.find(({ id }) => id === "bearer");
  if (bearer && !bearer.options?.["requireSignature"]) {
    found.push(
      "bearer() takes a session token from the database as a credential; use bearer({ requireSignature: true })",
    );
  }
  const { storage = "memory", enabled = process.env["NODE_ENV"] === "production" } = options.rateLimit ?? {};
  if (enabled && storage === "memory" && !options.rateLimit?.customStorage) {
    found.push(
      'rate limits are kept in memory, so each instance counts for itself; with several set `rateLimit.storage: "database"`',
    );
  }
  if (adapter.options?.adapterConfig.transaction === false) {
    found.push(
      "the adapter runs without transactions, so a sign-up that fails halfway leaves a user behind; set `transaction: true`",
    );
  }
  return found;
}
