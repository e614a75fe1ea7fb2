import type { BetterAuthOptions } from "better-auth";
import type { Env } from "#server/env.ts";
import { rateLimits } from "#server/identity/rate-limits.ts";

/** Where somebody could try passwords, tokens or addresses one after the other. */
const GUESSABLE = ["/sign-in/*", "/sign-up/*", "/change-password", "/reset-password", "/account/delete"];

/** How many requests of one address each endpoint answers, and where they are counted. */
export const rateRules = (settings: Env) =>
  ({
    enabled: settings.RATE_LIMIT_ENABLED ?? settings.NODE_ENV === "production",
    // Says only whether there is a table; the counting is our own.
    storage: settings.RATE_LIMIT_STORAGE,
    customStorage: rateLimits(settings.RATE_LIMIT_STORAGE),
    window: settings.RATE_LIMIT_WINDOW,
    max: settings.RATE_LIMIT_MAX,
    customRules: {
      ...Object.fromEntries(
        GUESSABLE.map((path) => [
          path,
          { window: settings.RATE_LIMIT_WINDOW, max: settings.RATE_LIMIT_SIGN_IN_MAX },
        ]),
      ),
      // Each request can send a mail. Better Auth's own limit is 3 in this time.
      "/request-password-reset": {
        window: Math.max(60, settings.RATE_LIMIT_WINDOW),
        max: settings.RATE_LIMIT_SIGN_IN_MAX,
      },
    },
  }) satisfies BetterAuthOptions["rateLimit"];
