import type { GenericEndpointContext } from "better-auth";
import { inForceOrWarn } from "./in-force.ts";
import type { LiveSession } from "./live-session.ts";
import type { Runtime } from "./runtime.ts";

/** Ends the session of a renewed token that was used after its grace, and tells the application so, once. */
export async function endReused(
  runtime: Runtime,
  ctx: GenericEndpointContext,
  jti: string,
  found: LiveSession,
): Promise<void> {
  await ctx.context.internalAdapter.deleteSession(found.session.token);
  const isFirst = await runtime.store.forgetRenewal(jti);
  await inForceOrWarn(runtime, ctx);
  if (!isFirst) return;
  ctx.context.logger.warn("[revocation] a renewed token was used again, so its session has been ended");
  try {
    await runtime.settings.onTokenReused(found, ctx);
  } catch (error) {
    ctx.context.logger.error("[revocation] onTokenReused failed", error);
  }
}
