import { tryGetCurrentAuthEndpointContext } from "@better-auth/core/context";
import { APIError } from "better-auth/api";
import { REVOCATION_ERROR_CODES as CODES } from "./error-codes.ts";

/** How deep adapters wrap the database's errors. */
const DEPTH = 5;
/** Of a message, so many characters are shown. */
const SHOWN = 300;
/** Milliseconds in which a failure of one kind is logged once. */
const PAUSE = 60_000;

type Logger = { error(line: string): void };

/** When which kind of failure was logged last. */
const logged = new WeakMap<Logger, Map<string, number>>();

/** A database that is away is an outage, which says when to ask again, and never a refusal. The log says why. */
export async function unlessAway<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof APIError) throw error;
    const logger = tryGetCurrentAuthEndpointContext()?.context.logger;
    if (logger) logOnce(logger, error);
    throw new APIError("SERVICE_UNAVAILABLE", CODES.REVOCATION_UNAVAILABLE, { "Retry-After": "5" });
  }
}

function logOnce(logger: Logger, error: unknown): void {
  const kinds = logged.get(logger) ?? new Map<string, number>();
  logged.set(logger, kinds);
  const reason = reasonOf(error);
  const kind = codeOf(innermost(error)) ?? reason;
  const now = performance.now();
  if (now - (kinds.get(kind) ?? Number.NEGATIVE_INFINITY) < PAUSE) return;
  kinds.set(kind, now);
  logger.error(`[revocation] the database did not answer: ${reason}`);
}

/** Why the database did not answer, as one line: its own message with the SQLSTATE, or the network's. What adapters put around
 * it may hold values of the statement, and an address may hold a password: neither is told. */
export function reasonOf(error: unknown): string {
  const cause = innermost(error);
  const code = codeOf(cause);
  const { message, name = "an error" } = Object(cause) as Partial<Error>;
  const line = (message ?? "").split("\n", 1)[0]?.trim().slice(0, SHOWN);
  const said = line?.replace(/\/\/\S*@/g, "//") || (code ?? name);
  return code === undefined || said.includes(code) ? said : `${said} (${code})`;
}

/** The error that the others were made of. */
function innermost(error: unknown, depth = DEPTH): unknown {
  const { cause } = Object(error) as { cause?: unknown };
  return cause instanceof Error && depth > 0 ? innermost(cause, depth - 1) : error;
}

/** An SQLSTATE, or a code of the network's such as ECONNREFUSED. */
function codeOf(error: unknown): string | undefined {
  const { code } = Object(error) as { code?: unknown };
  return typeof code === "string" ? code : undefined;
}
