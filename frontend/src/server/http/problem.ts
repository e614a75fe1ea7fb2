import { type ErrorCode, errors } from "#contract/errors.ts";
import type { FieldError, Problem } from "#contract/problem.ts";

type ProblemOptions = {
  errors?: FieldError[];
  detail?: string;
  retryAfter?: string | number;
  headers?: HeadersInit;
};

/** The problem body of a `code` in the catalogue. */
export function problem(code: ErrorCode, options: Pick<ProblemOptions, "errors" | "detail"> = {}): Problem {
  const { status, title, detail } = errors[code];
  return {
    type: "about:blank",
    title,
    status,
    detail: options.detail ?? detail,
    code,
    ...(options.errors && { errors: options.errors }),
  };
}

/** A refusal as a response, never cached; an outage carries `Retry-After` in seconds. */
export function problemResponse(code: ErrorCode, options: ProblemOptions = {}): Response {
  const entry: { status: number; retryAfter?: number } = errors[code];
  const headers = new Headers(options.headers);
  const retryAfter = options.retryAfter ?? entry.retryAfter;
  if (retryAfter !== undefined) headers.set("Retry-After", String(retryAfter));
  return renderProblem(problem(code, options), headers);
}

export function renderProblem(body: Problem, headers: Headers): Response {
  headers.set("Content-Type", "application/problem+json");
  headers.set("Cache-Control", "no-store");
  headers.delete("Content-Length");
  return new Response(JSON.stringify(body), { status: body.status, headers });
}
