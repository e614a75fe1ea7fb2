import type { BetterAuthPlugin } from "better-auth";
import { kindOfNewSession } from "#server/identity/client-kind.ts";

/** Records on each session, when it is opened, whether it is a browser's or a token-holding client's. */
export const sessionKind = () =>
  ({
    id: "session-kind",
    schema: {
      session: {
        fields: {
          /** `browser` or `token`; a session from before this column counts as a browser's. */
          clientKind: { type: "string", required: false, input: false, returned: true },
        },
      },
    },
    init: () => ({
      options: {
        databaseHooks: {
          session: {
            create: {
              before: async (session, context) => ({
                data: { ...session, clientKind: kindOfNewSession(context?.headers) },
              }),
            },
          },
        },
      },
    }),
  }) satisfies BetterAuthPlugin;
