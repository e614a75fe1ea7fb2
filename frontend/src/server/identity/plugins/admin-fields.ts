import type { BetterAuthPlugin } from "better-auth";
import { APIError, createAuthMiddleware } from "better-auth/api";
import { problem } from "#server/http/problem.ts";

/** What an administrator may set in `data`. Better Auth would take any column, its own input rules aside. */
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

/** Takes no field of a user from an administrator but those that are named here. */
export const adminFields = () =>
  ({
    id: "admin-fields",
    hooks: {
      before: [
        {
          matcher: ({ path }) => path !== undefined && Object.hasOwn(FIELDS, path),
          handler: createAuthMiddleware(async ({ path, body }) => {
            const allowed = FIELDS[path] ?? [];
            const errors = Object.keys(body?.data ?? {})
              .filter((field) => !allowed.includes(field))
              .map((field) => ({
                field: `data.${field}`,
                code: "not_allowed",
                message: `This field can't be set here. Use one of ${allowed.join(", ")}.`,
              }));
            if (errors.length)
              throw new APIError("UNPROCESSABLE_ENTITY", problem("validation_failed", { errors }));
          }),
        },
      ],
    },
  }) satisfies BetterAuthPlugin;
