type Level = "debug" | "info" | "warn" | "error";
type Fields = Record<string, string | number | boolean | null | undefined>;

const production = process.env.NODE_ENV === "production";

/** One line an event: JSON in production, plain in development. Never pass it a token, a password or a body. */
export function log(level: Level, event: string, fields: Fields = {}): void {
  const line = production
    ? JSON.stringify({ timestamp: new Date().toISOString(), level, event, ...fields })
    : [level, event, ...Object.entries(fields).map(([name, value]) => `${name}=${value}`)].join(" ");
  (level === "error" ? console.error : level === "warn" ? console.warn : console.log)(line);
}

/** What may be told of an unforeseen error: its kind and its message's first line. */
export function summarize(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const code = (error as NodeJS.ErrnoException).code;
  return [error.name, code, error.message.split("\n", 1)[0]].filter(Boolean).join(" ");
}
