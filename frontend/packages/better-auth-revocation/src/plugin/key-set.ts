import { createHash } from "node:crypto";
import { APIError, createAuthMiddleware } from "better-auth/api";
import type { Runtime } from "./runtime.ts";

/** Seconds that a resource server may keep the key set. */
const MAX_AGE = 60;

/** Adds to the key set what resource servers need besides: how long they may keep it, a strong ETag, so that an unchanged
 * one costs a 304, and what the database is known by (`Revocation-Origin`), by which a resource server that follows another
 * database's feed finds out. */
export const describeKeySet = (runtime: Runtime) => ({
  matcher: ({ path }: { path?: string }) => path === "/jwks",
  handler: createAuthMiddleware(async (ctx) => {
    const { returned } = ctx.context;
    if (typeof returned !== "object" || returned === null || returned instanceof APIError) return;
    const etag = `"${createHash("sha256").update(JSON.stringify(returned)).digest("base64url")}"`;
    ctx.setHeader("Cache-Control", `public, max-age=${MAX_AGE}`);
    ctx.setHeader("ETag", etag);
    const origins = await runtime.store.renewOrigins().catch(() => undefined);
    if (origins) ctx.setHeader("Revocation-Origin", origins.join(", "));
    const known = ctx.headers?.get("if-none-match")?.split(",") ?? [];
    if (known.some((tag) => tag.trim().replace(/^W\//, "") === etag)) {
      throw new APIError("NOT_MODIFIED", undefined, {
        ETag: etag,
        "Cache-Control": `public, max-age=${MAX_AGE}`,
        ...(origins && { "Revocation-Origin": origins.join(", ") }),
      });
    }
  }),
});
