import { NetworkError, TimeoutError } from "#client/http.ts";
import type { FieldError } from "#contract/problem.ts";

/** A refusal that a server answered with (RFC 9457); `code` is undefined when the answer had none. */
export class Refusal extends Error {
  override readonly name = "Refusal";

  readonly status: number;
  readonly code: string | undefined;
  readonly fields: readonly FieldError[];
  /** Seconds to wait before trying again. */
  readonly retryAfter: number | undefined;

  constructor(status: number, code?: string, fields: readonly FieldError[] = [], retryAfter?: number) {
    super(code ?? `HTTP ${status}`);
    this.status = status;
    this.code = code;
    this.fields = fields;
    this.retryAfter = retryAfter;
  }
}

/** Reads a response that is not ok; a body that is no problem document gives a refusal without a code. */
export async function refusalOf(response: Response): Promise<Refusal> {
  const body: unknown = await response.json().catch(() => null);
  const { code, errors: fields } = (body ?? {}) as { code?: unknown; errors?: unknown };
  const wait = Number(response.headers.get("retry-after") ?? Number.NaN);
  return new Refusal(
    response.status,
    typeof code === "string" ? code : undefined,
    Array.isArray(fields) ? fields.filter(isFieldError) : [],
    Number.isFinite(wait) ? wait : undefined,
  );
}

export function isRefusal(error: unknown, ...codes: string[]): error is Refusal {
  return error instanceof Refusal && error.code !== undefined && codes.includes(error.code);
}

/** Did the request perhaps take effect although no answer came? */
export function isOutcomeUnknown(error: unknown): boolean {
  return error instanceof NetworkError || error instanceof TimeoutError;
}

function isFieldError(value: unknown): value is FieldError {
  const { field, message } = (value ?? {}) as Partial<FieldError>;
  return typeof field === "string" && typeof message === "string";
}
