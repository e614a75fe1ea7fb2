import { isFromOwnPage } from "better-auth-revocation/server";
import { env } from "#server/env.ts";

/** Whether a request that changes something comes from our own pages. */
export const isSameOrigin = (headers: Headers): boolean => {
  const { BETTER_AUTH_URL, TRUSTED_ORIGINS } = env();
  return isFromOwnPage(headers, (origin) => origin === BETTER_AUTH_URL || TRUSTED_ORIGINS.includes(origin));
};
