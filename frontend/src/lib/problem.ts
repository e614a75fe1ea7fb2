import { type ErrorCode, errors } from "#generated/errors.ts";

export type FieldError = { field: string; code: string; message: string };

/** Problem details (RFC 9457) with a stable `code`. */
export type Problem = {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  errors?: FieldError[];
};

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
