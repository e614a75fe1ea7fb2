import type { BetterAuthPlugin } from "better-auth";
import { renewalSchema } from "#server/identity/renewals.ts";

/** Columns that Better Auth's tables have here besides their own, and tables that no other plugin brings. */
export const extendedSchema = () =>
  ({
    id: "extended-schema",
    schema: {
      ...renewalSchema,
    },
  }) satisfies BetterAuthPlugin;
