import { createAuthEndpoint } from "better-auth/api";
import { z } from "zod";
import { sessionOfToken } from "./access-token.ts";
import { described } from "./described.ts";
import type { Runtime } from "./runtime.ts";

/** Token revocation by RFC 7009. Who holds the token may revoke it: its signature is the proof. The session behind it
 * ends, and with it every token of that session. A token that is not good is answered as one that is: it is revoked
 * already (section 2.2). */
export const revocationEndpoint = (runtime: Runtime) => ({
  revokeToken: createAuthEndpoint(
    "/revocation/revoke",
    {
      method: "POST",
      body: z.object({ token: z.string().min(1).max(8_192), token_type_hint: z.string().max(64).optional() }),
      metadata: {
        ...described("revokeToken", "Revoke an access token and end its session (RFC 7009)"),
        allowedMediaTypes: ["application/x-www-form-urlencoded", "application/json"],
      },
    },
    async (ctx) => {
      const found = await sessionOfToken(runtime, ctx, ctx.body.token);
      if (typeof found !== "string") await ctx.context.internalAdapter.deleteSession(found.session.token);
      return ctx.json({});
    },
  ),
});
