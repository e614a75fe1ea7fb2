import { env } from "#server/env.ts";

/** Whether a request that changes something comes from our own pages; a browser can't be made to lie about either header. */
export function isSameOrigin(headers: Headers): boolean {
  const origin = headers.get("origin");
  if (origin) return origin === env().BETTER_AUTH_URL || env().TRUSTED_ORIGINS.includes(origin);
  return headers.get("sec-fetch-site") === "same-origin";
}
