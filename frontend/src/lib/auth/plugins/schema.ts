import type { BetterAuthPlugin } from "better-auth";

/** Columns that Better Auth's tables have here besides their own. */
export const extendedSchema = () =>
  ({
    id: "extended-schema",
    schema: {
      user: {
        fields: {
          /** Raised by the database whenever tokens minted before must die. */
          tokenVersion: { type: "number", required: false, defaultValue: 0, input: false, returned: true },
        },
      },
      jwks: {
        fields: {
          /** A key is published at once but signs only from here on. */
          activatesAt: { type: "date", required: false, input: false },
        },
      },
    },
  }) satisfies BetterAuthPlugin;
