import type { BetterAuthPlugin } from "better-auth";

/** Columns that Better Auth's tables have here besides their own. */
export const extendedSchema = () =>
  ({
    id: "extended-schema",
    schema: {
      jwks: {
        fields: {
          /** A key is published at once but signs only from here on. */
          activatesAt: { type: "date", required: false, input: false },
        },
      },
    },
  }) satisfies BetterAuthPlugin;
