import { contentSecurityPolicy } from "#server/http/content-security-policy.ts";

const development = process.env.NODE_ENV !== "production";

/** What every answer has. The policy is that of an answer that neither proxy.ts nor scripts/static-policies.ts gave its own:
 * no inline script at all. In development those pages are not rendered beforehand, so that there are no hashes to name. */
export const SECURITY_HEADERS = {
  "Content-Security-Policy": contentSecurityPolicy({
    scripts: development ? ["'unsafe-inline'"] : [],
    development,
  }),
  "Referrer-Policy": "strict-origin-when-cross-origin",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
};
