import { problemResponse } from "#server/http/problem.ts";

/** Bytes that a request to the identity provider may carry. */
export const MAX_AUTH_BODY = 64 * 1024;

/** A request whose body is too large, or broke off. */
export class UnreadableBody extends Error {
  override readonly name = "UnreadableBody";
  readonly code: "payload_too_large" | "bad_request";

  constructor(code: UnreadableBody["code"], options?: ErrorOptions) {
    super(code, options);
    this.code = code;
  }

  toResponse(): Response {
    return problemResponse(this.code);
  }
}

/** Reads a body whole, up to `limit` bytes, whatever its Content-Length claims.
 * @throws UnreadableBody */
export async function readBody(request: Request, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  if (Number(request.headers.get("content-length")) > limit) throw new UnreadableBody("payload_too_large");
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of request.body ?? []) {
      size += chunk.byteLength;
      if (size > limit) throw new UnreadableBody("payload_too_large");
      chunks.push(chunk);
    }
  } catch (error) {
    throw error instanceof UnreadableBody ? error : new UnreadableBody("bad_request", { cause: error });
  }
  const whole = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return whole;
}

/** The media type that a request declares, in lower case and without parameters. */
export const mediaTypeOf = ({ headers }: Request): string | undefined =>
  headers.get("content-type")?.split(";", 1)[0]?.trim().toLowerCase();

/** Levels of nesting that a body may have. What reads it further on recurses, and the stack is finite. */
export const MAX_DEPTH = 32;

/** The JSON object in `body`, or nothing when it holds anything else or is nested too deep. */
export function parseObject(body: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
    return typeof value === "object" && value !== null && !Array.isArray(value) && isWithin(value, MAX_DEPTH)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

const isWithin = (value: unknown, depth: number): boolean =>
  typeof value !== "object" ||
  value === null ||
  (depth > 0 && Object.values(value).every((member) => isWithin(member, depth - 1)));

/** Names of the members of a parsed body, at any depth, whose text holds NUL: Postgres can't store it. */
export function membersWithNul(value: unknown, name = ""): string[] {
  if (typeof value === "string") return value.includes("\0") ? [name] : [];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) =>
    key.includes("\0") ? [name] : membersWithNul(member, name ? `${name}.${key}` : key),
  );
}
