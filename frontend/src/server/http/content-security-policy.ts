import { createHash } from "node:crypto";

/** Sources of scripts that a policy allows besides our own files: `'sha256-…'` of inline ones, or a response's nonce. */
type Policy = { scripts: readonly string[]; development?: boolean };

/** The Content-Security-Policy of a page (CSP Level 3): no inline script but those that `scripts` names. */
export const contentSecurityPolicy = ({ scripts, development = false }: Policy): string =>
  [
    "default-src 'self'",
    // In development Next.js evaluates its modules and reloads over a web socket.
    `script-src 'self' ${[...scripts, ...(development ? ["'unsafe-eval'"] : [])].join(" ")}`.trim(),
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    `connect-src 'self'${development ? " ws:" : ""}`,
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");

/** What a policy names an inline script by. */
export const hashSource = (script: string): string =>
  `'sha256-${createHash("sha256").update(script).digest("base64")}'`;

const INLINE_SCRIPT = /<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g;

/** The hashes of all inline scripts of a page that Next.js has rendered beforehand. */
export const inlineScriptHashes = (html: string): string[] => [
  ...new Set([...html.matchAll(INLINE_SCRIPT)].map(([, script = ""]) => hashSource(script))),
];
