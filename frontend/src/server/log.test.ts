import { beforeEach, describe, expect, test, vi } from "vitest";
import { inRequestScope } from "#server/http/request-scope.ts";

beforeEach(() => {
  vi.resetModules();
});

async function linesOf(
  mode: string,
  work: (log: typeof import("#server/log.ts")) => void,
): Promise<string[]> {
  vi.stubEnv("NODE_ENV", mode);
  const lines: string[] = [];
  for (const method of ["log", "warn", "error"] as const) {
    vi.spyOn(console, method).mockImplementation((line) => lines.push(line));
  }
  work(await import("#server/log.ts"));
  return lines;
}

describe("a line of the log", () => {
  test("is JSON in production, whatever the values hold", async () => {
    const [line = ""] = await linesOf("production", ({ log }) => log("warn", "event", { path: '/a"\nb' }));
    expect(line).not.toContain("\n");
    expect(JSON.parse(line)).toMatchObject({ level: "warn", event: "event", path: '/a"\nb' });
    expect(Date.parse(JSON.parse(line).timestamp)).not.toBeNaN();
  });

  test("is plain in development", async () => {
    expect(
      await linesOf("development", ({ log }) => log("info", "event", { port: 1, none: undefined })),
    ).toEqual(["info event port=1"]);
  });

  test("an error is summarised without addresses, credentials and tokens", async () => {
    const { redact, summarize } = await import("#server/log.ts");
    const cause = Object.assign(new TypeError("no ada@example.com at postgresql://idp:hidden@db/app\nmore"), {
      code: "42P01",
    });
    expect(summarize(cause)).toBe("TypeError 42P01 no [e-mail] at [e-mail]");
    expect(redact("Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.c2ln was sent")).toBe(
      "Bearer [token] was sent",
    );
    expect(summarize("a string that was thrown")).toBe("string");
  });
});

describe("a request's id", () => {
  const answer = (headers: Record<string, string> = {}) =>
    inRequestScope(new Request("http://localhost/", { headers }), async () => new Response());

  test("is the caller's when that is harmless", async () => {
    const given = (await answer({ "x-request-id": "caller-1.a_B" })).headers.get("x-request-id");
    expect(given).toBe("caller-1.a_B");
  });

  test.each([{}, { "x-request-id": "a b" }, { "x-request-id": "x".repeat(65) }])(
    "is a new one for %o",
    async (headers) => {
      expect((await answer(headers)).headers.get("x-request-id")).toMatch(/^[\da-f-]{36}$/);
    },
  );

  test("stays the same through every step of the request", async () => {
    const request = () => new Request("http://localhost/");
    const inner: (string | null)[] = [];
    const response = await inRequestScope(request(), async () => {
      const { currentRequestId } = await import("#server/http/request-scope.ts");
      inner.push(currentRequestId() ?? null);
      return inRequestScope(request(), async () => new Response());
    });
    expect(inner).toHaveLength(1);
    expect(response.headers.get("x-request-id")).toMatch(/^[\da-f-]{36}$/);
  });
});
