import { createAuthMiddleware } from "better-auth/api";
import type { Runtime } from "./runtime.ts";

/** Opens a session and ends none. */
const OPENING = /^\/sign-(?:in|up)\//;

/** Lets an answer that ends something wait until it is in force with every resource server that follows the feed, for
 * two seconds at most, so that it is true when it arrives. */
export const awaitInForce = (runtime: Runtime) => ({
  matcher: ({ path }: { path?: string }) => path !== undefined && !OPENING.test(path),
  handler: createAuthMiddleware(async (ctx) => {
    if (!ctx.request || ["GET", "HEAD", "OPTIONS"].includes(ctx.request.method)) return;
    const settled = await runtime.store.awaitInForce().catch(() => false);
    if (!settled) ctx.context.logger.warn("[revocation] not every resource server has followed in time");
  }),
});
