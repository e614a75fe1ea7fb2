/** How long one attempt may take, in milliseconds. */
export const REQUEST_TIMEOUT = 10_000;
const RETRY_DELAY = 500;
const IDEMPOTENT = new Set(["GET", "HEAD", "PUT", "PATCH", "DELETE"]);

/** No answer came: the network is down, or the connection broke before the answer was complete. */
export class NetworkError extends Error {
  override readonly name = "NetworkError";
}

/** No complete answer came in time. */
export class TimeoutError extends Error {
  override readonly name = "TimeoutError";
}

export interface SendOptions {
  /** May a lost attempt be repeated once? Default: when the method is idempotent (RFC 9110, section 9.2.2). */
  retry?: boolean;
  /** Called before the repetition: the first attempt may have taken effect. */
  onRetry?: () => void;
  /** Milliseconds that one attempt may take; by default {@link REQUEST_TIMEOUT}. */
  timeout?: number;
  fetch?: typeof fetch;
}

/** Sends a request with a time limit, and once more when the network blinks. The answer's body is complete.
 * @throws NetworkError | TimeoutError */
export async function send(request: Request, options: SendOptions = {}): Promise<Response> {
  const { retry = IDEMPOTENT.has(request.method), onRetry, timeout = REQUEST_TIMEOUT } = options;
  const { fetch = globalThis.fetch } = options;
  const spare = retry ? request.clone() : undefined;
  try {
    return await attempt(request, fetch, timeout);
  } catch (error) {
    if (!spare || !(error instanceof NetworkError)) throw error;
    await new Promise((resolve) => setTimeout(resolve, RETRY_DELAY));
    onRetry?.();
    return await attempt(spare, fetch, timeout);
  }
}

async function attempt(request: Request, fetch: typeof globalThis.fetch, timeout: number): Promise<Response> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), timeout);
  try {
    const response = await fetch(request, { signal: limit.signal });
    const body = await response.arrayBuffer();
    return new Response(body.byteLength > 0 ? body : null, response);
  } catch (cause) {
    if (limit.signal.aborted) throw new TimeoutError("No answer in time", { cause });
    throw new NetworkError("No answer", { cause });
  } finally {
    clearTimeout(timer);
  }
}
