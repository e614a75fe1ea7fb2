import { randomBytes } from "node:crypto";
import { type NextRequest, NextResponse } from "next/server";
import { PAGE_PATH } from "#contract/page-path.ts";
import { contentSecurityPolicy, hashSource } from "#server/http/content-security-policy.ts";
import { THEME_SCRIPT } from "#ui/theme.ts";

const THEME = hashSource(THEME_SCRIPT);

/** Gives a page that is rendered for this request its own nonce, which Next.js puts on every script of its own. */
export function proxy(request: NextRequest): NextResponse {
  const nonce = randomBytes(16).toString("base64");
  const policy = contentSecurityPolicy({
    scripts: [`'nonce-${nonce}'`, THEME],
    development: process.env.NODE_ENV === "development",
  });
  const headers = new Headers(request.headers);
  headers.set("Content-Security-Policy", policy);
  headers.set(PAGE_PATH, request.nextUrl.pathname);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set("Content-Security-Policy", policy);
  return response;
}

// Next.js reads this without running it: literals only. Pages that were rendered beforehand have hashes instead.
export const config = {
  matcher: [
    "/((?!api/|_next/|icon\\.svg$|$|sign-in$|sign-up$|reset-password$).*)",
    { source: "/(|sign-in|sign-up)", has: [{ type: "query", key: "failed" }] },
    { source: "/(|sign-in|sign-up)", has: [{ type: "query", key: "reason" }] },
    { source: "/(|sign-in|sign-up)", has: [{ type: "cookie", key: "better-auth.session_token" }] },
    { source: "/(|sign-in|sign-up)", has: [{ type: "cookie", key: "__Host-better-auth.session_token" }] },
    { source: "/(|sign-in|sign-up)", has: [{ type: "cookie", key: "access_token" }] },
    { source: "/(|sign-in|sign-up)", has: [{ type: "cookie", key: "__Host-access_token" }] },
    { source: "/(|sign-in|sign-up)", has: [{ type: "cookie", key: "__Secure-better-auth.session_token" }] },
  ],
};
