import type { BetterAuthPlugin } from "better-auth";
import { APIError, createAuthMiddleware } from "better-auth/api";
import { isChecked } from "#server/identity/issuing.ts";
import { newPasswordErrors, passwordRefusal } from "#server/identity/new-password.ts";

/** The field that holds the password to be set, by endpoint; no other sets one over HTTP. */
export const PASSWORD_FIELDS: Record<string, string> = {
  "/sign-up/email": "password",
  "/change-password": "newPassword",
  "/reset-password": "newPassword",
  "/admin/create-user": "password",
  "/admin/set-user-password": "newPassword",
};

/** Refuses a password that does not meet the policy wherever one can be set, naming every unmet rule. */
export const passwordPolicy = () =>
  ({
    id: "password-policy",
    hooks: {
      before: [
        {
          matcher: ({ path }) => path !== undefined && Object.hasOwn(PASSWORD_FIELDS, path),
          handler: createAuthMiddleware(async ({ path, body }) => {
            const field = PASSWORD_FIELDS[path];
            const password: unknown = field && body?.[field];
            if (typeof password !== "string" || isChecked("password", password)) return;
            const errors = newPasswordErrors(password, field);
            if (errors.length) throw new APIError("UNPROCESSABLE_ENTITY", passwordRefusal(errors));
          }),
        },
      ],
    },
  }) satisfies BetterAuthPlugin;
