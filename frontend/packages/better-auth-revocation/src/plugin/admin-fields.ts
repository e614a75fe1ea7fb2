import type { BetterAuthPlugin } from "better-auth";
import { APIError, createAuthMiddleware } from "better-auth/api";

const FIELDS: Record<string, readonly string[]> = {
  "/admin/create-user": ["emailVerified", "image", "role"],
  "/admin/update-user": [
    "banExpires",
    "banReason",
    "banned",
    "email",
    "emailVerified",
    "image",
    "name",
    "role",
  ],
};

/** Takes no field of a user from an administrator but those that are named: Better Auth's admin plugin writes any column,
 * those with `input: false` too.
 * @param more fields of your own, for both endpoints
 * @param refusal the body of the 422 for these fields, if not the plugin's own */
export const adminFields = ({
  more = [],
  refusal = ownRefusal,
}: {
  more?: readonly string[];
  refusal?: (unknown: string[], allowed: readonly string[]) => Record<string, unknown>;
} = {}) =>
  ({
    id: "admin-fields",
    hooks: {
      before: [
        {
          matcher: ({ path }) => path !== undefined && Object.hasOwn(FIELDS, path),
          handler: createAuthMiddleware(async ({ path, body }) => {
            const allowed = [...(FIELDS[path] ?? []), ...more];
            const unknown = Object.keys(body?.data ?? {}).filter((field) => !allowed.includes(field));
            if (unknown.length) throw new APIError("UNPROCESSABLE_ENTITY", refusal(unknown, allowed));
          }),
        },
      ],
    },
  }) satisfies BetterAuthPlugin;

const ownRefusal = (unknown: string[], allowed: readonly string[]) => ({
  code: "FIELD_NOT_ALLOWED",
  message: `${unknown.join(", ")} can't be set here. Use ${allowed.join(", ")}.`,
});
