import type { BetterAuthPlugin } from "better-auth";
import { createAuthEndpoint, sessionMiddleware } from "better-auth/api";
import { z } from "zod";
import { eventsOf } from "#server/identity/audit.ts";
import { describeEvent, pageOf, readQuery } from "#server/identity/described.ts";
import { type Erase, ownAccount } from "#server/identity/plugins/own-account.ts";
import { ownSessions } from "#server/identity/plugins/own-sessions.ts";

const PAGE = 20;

/** The user's own control: where they are signed in, what happened lately, the end of any session of theirs, their name,
 * and the end of their account. */
export const account = (eraseElsewhere: Erase) =>
  ({
    id: "account",
    endpoints: {
      ...ownSessions(),
      ...ownAccount(eraseElsewhere),
      listOwnActivity: createAuthEndpoint(
        "/account/activity",
        {
          method: "GET",
          use: [sessionMiddleware],
          query: z.object({ ...readQuery, after: z.iso.datetime().optional() }),
        },
        async (ctx) => {
          const { user } = ctx.context.session;
          const before = ctx.query.after === undefined ? undefined : new Date(ctx.query.after);
          const found = await eventsOf(ctx.context.adapter, user.id, { before, limit: PAGE + 1 });
          return ctx.json(await pageOf(found, PAGE, (event) => describeEvent(event, user.id)));
        },
      ),
    },
  }) satisfies BetterAuthPlugin;
