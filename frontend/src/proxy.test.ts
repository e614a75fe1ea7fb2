import { unstable_doesMiddlewareMatch as matches } from "next/experimental/testing/server.js";
import { NextRequest } from "next/server.js";
import { expect, test } from "vitest";
import { config, proxy } from "./proxy.ts";

const isTaken = (url: string, cookie?: string) =>
  matches({ config, url, ...(cookie && { cookies: { [cookie]: "x" } }) });

test.each(["/notes", "/account", "/admin", "/forgot-password", "/nowhere", "/with-session/home"])(
  "%s gets a nonce for each request",
  (path) => {
    expect(isTaken(path)).toBe(true);
    const policyOf = () =>
      proxy(new NextRequest(`http://localhost:3000${path}`)).headers.get("content-security-policy");
    expect(policyOf()).toMatch(/script-src 'self' 'nonce-[\w+/=]{24}' 'sha256-/);
    expect(policyOf()).not.toBe(policyOf());
  },
);

test.each(["/sign-in?reason=ended", "/sign-up?failed=invalid"])("%s is rendered for each request", (path) => {
  expect(isTaken(path)).toBe(true);
});

test.each(["/reset-password", "/api/auth/token", "/_next/static/a.js", "/icon.svg"])(
  "%s is left alone",
  (path) => {
    expect(isTaken(path)).toBe(false);
  },
);

test.each(["/", "/sign-in", "/sign-up"])(
  "%s is rendered beforehand, but for who may be signed in",
  (path) => {
    expect(isTaken(path)).toBe(false);
    for (const prefix of ["", "__Host-", "__Secure-"]) {
      expect(isTaken(path, `${prefix}better-auth.session_token`)).toBe(true);
    }
    // A rewrite from here would be taken for another server's address, and cost a second request.
    const answer = proxy(new NextRequest(`http://localhost:3000${path}`));
    expect(answer.headers.has("x-middleware-rewrite")).toBe(false);
  },
);
