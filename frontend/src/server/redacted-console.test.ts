import { DatabaseError } from "pg";
import { afterEach, expect, test, vi } from "vitest";
import { redactConsole } from "#server/redacted-console.ts";

const METHODS = ["error", "warn", "info", "log", "debug"] as const;
const originals = METHODS.map((method) => [method, console[method]] as const);
afterEach(() => {
  for (const [method, original] of originals) console[method] = original;
});

test.each(METHODS)("a library's console.%s tells no address, no token and no row", (method) => {
  const printed: unknown[] = [];
  vi.spyOn(console, method).mockImplementation((...args) => printed.push(...args));
  redactConsole();
  const error = new DatabaseError("duplicate key of ada@example.com", 1, "error");
  error.detail = "Failing row contains (ada@example.com, $argon2id$secret).";
  console[method]("# SERVER_ERROR: for bob@example.com", error, { email: "eve@example.com" }, 7);
  expect(printed[0]).toBe("# SERVER_ERROR: for [e-mail]");
  expect(printed[1]).toMatch(/^error duplicate key of \[e-mail\]\n\s+at /);
  expect(printed.slice(2)).toEqual(["[Object]", 7]);
});
