import { expect, test } from "vitest";
import {
  contentSecurityPolicy,
  hashSource,
  inlineScriptHashes,
} from "#server/http/content-security-policy.ts";

test("each inline script of a page is named by its hash, once; the files it loads are not", () => {
  const html = `<head><script>a()</script><script src="/_next/a.js" async=""></script></head>
    <body><script id="x">b("<p>")</script><script>a()</script></body>`;
  expect(inlineScriptHashes(html)).toEqual([hashSource("a()"), hashSource('b("<p>")')]);
});

test("a hash is of the form that browsers compare", () => {
  // CSP Level 3, section 8.3: the example.
  expect(hashSource("alert('Hello, world.');")).toBe("'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='");
});

test("a policy never lets unnamed inline scripts run, and evaluates text in development alone", () => {
  expect(contentSecurityPolicy({ scripts: ["'nonce-1'"] })).toContain("script-src 'self' 'nonce-1';");
  expect(contentSecurityPolicy({ scripts: [] })).not.toMatch(/script-src[^;]*unsafe/);
  expect(contentSecurityPolicy({ scripts: [], development: true })).toContain("'unsafe-eval'");
});
