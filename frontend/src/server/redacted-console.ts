import { redact, summarize } from "#server/log.ts";

/** Keeps addresses and tokens out of what libraries print by themselves: a database's error carries the row that it is about. */
export function redactConsole(): void {
  for (const method of ["error", "warn", "info", "log", "debug"] as const) {
    const print = console[method].bind(console);
    console[method] = (...args: unknown[]) => print(...args.map(printable));
  }
}

/** A value as it may be printed: text without addresses, an error as its kind and where it was thrown. */
function printable(value: unknown): unknown {
  if (typeof value === "string") return redact(value);
  if (typeof value !== "object" || value === null) return value;
  if (!(value instanceof Error)) return `[${value.constructor?.name ?? "object"}]`;
  const frames = value.stack?.split("\n").filter((line) => /^\s+at /.test(line)) ?? [];
  return [summarize(value), ...frames].join("\n");
}
