import type { ServerResponse } from "node:http";
import { type ErrorCode, errors } from "#contract/errors.ts";
import { problem } from "#server/http/problem.ts";

/** Answers with a problem response before the application is asked. */
export function answerProblem(
  response: ServerResponse,
  code: ErrorCode,
  headers: Record<string, string> = {},
): void {
  response.writeHead(errors[code].status, {
    "Cache-Control": "no-store",
    "Content-Type": "application/problem+json",
    "X-Content-Type-Options": "nosniff",
    ...headers,
  });
  response.end(JSON.stringify(problem(code)));
}
