import { createHash } from "node:crypto";
import { APIError, createAuthMiddleware } from "better-auth/api";
import type { Runtime } from "./runtime.ts";

/** Seconds that a resource server may keep the key set. */
const MAX_AGE = 60;

/** Adds to the key set what resource servers need besides: how long they may keep it, a strong ETag, so that an unchanged
 * one costs a 304, and what they compare with their settings: whose tokens for whom, signed how, and over which database. */
export const describeKeySet = (runtime: Runtime) => ({
  matcher: ({ path }: { path?: string }) => path === "/jwks",
  handler: createAuthMiddleware(async (ctx) => {
    const { returned } = ctx.context;
    if (typeof returned !== "object" || returned === null || returned instanceof APIError) return;
    const etag = `"${createHash("sha256").update(JSON.stringify(returned)).digest("base64url")}"`;
    const headers = {
      "Cache-Control": `public, max-age=${MAX_AGE}`,
      ETag: etag,
      ...describeTokens(runtime, String(ctx.context.options.baseURL)),
      ...(await describeDatabase(runtime)),
    };
    const known = ctx.headers?.get("if-none-match")?.split(",") ?? [];
    if (known.some((tag) => tag.trim().replace(/^W\//, "") === etag || tag.trim() === "*")) {
      throw new APIError("NOT_MODIFIED", undefined, headers);
    }
    for (const [name, value] of Object.entries(headers)) ctx.setHeader(name, value);
  }),
});

/** The tokens' `iss`, `aud` and `alg`, as far as a header can hold them. */
function describeTokens({ settings }: Runtime, baseURL: string): Record<string, string> {
  const { issuer = baseURL, audience, algorithm } = settings;
  const told = { "Token-Issuer": issuer, "Token-Audience": audience, "Token-Algorithm": algorithm };
  return Object.fromEntries(Object.entries(told).filter(([, value]) => /^[!-~]+$/.test(value)));
}

async function describeDatabase({ store }: Runtime): Promise<Record<string, string>> {
  const origins = await store.renewOrigins().catch(() => undefined);
  return origins ? { "Revocation-Origin": origins.join(", ") } : {};
}
