import { currentRequestId } from "#server/http/request-scope.ts";

type Level = "debug" | "info" | "warn" | "error";
type Fields = Record<string, string | number | boolean | null | undefined>;

const production = process.env.NODE_ENV === "production";

/** One line an event: JSON in production, plain in development. Never pass it a token, a password or a body. */
export function log(level: Level, event: string, fields: Fields = {}): void {
  const told: Fields = { ...fields, request_id: currentRequestId() };
  const line = production
    ? JSON.stringify({ timestamp: new Date().toISOString(), level, event, ...told })
    : [level, event, ...Object.entries(told).flatMap(asPair)].join(" ");
  (level === "error" ? console.error : level === "warn" ? console.warn : console.log)(line);
}

const asPair = ([name, value]: [string, Fields[string]]) => (value === undefined ? [] : [`${name}=${value}`]);

/** What may be told of an unforeseen error: its kind and its message's first line, without addresses and tokens. */
export function summarize(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const code = (error as NodeJS.ErrnoException).code;
  return [error.name, code, redact(error.message.split("\n", 1)[0] ?? "")].filter(Boolean).join(" ");
}

/** `text` without what looks like an e-mail address (or a URL's user) or a JWT. */
export const redact = (text: string): string =>
  text.replace(/[^\s@]+@[^\s@]+/g, "[e-mail]").replace(/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, "[token]");
