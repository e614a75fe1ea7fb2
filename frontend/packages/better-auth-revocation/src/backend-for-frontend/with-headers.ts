/** A request with other headers. It is copied by its parts: Next.js hands out proxies of requests, which the constructor of
 * `Request` does not take. */
export function withHeaders(request: Request, headers: Headers): Request {
  const { method, body, signal } = request;
  // A variable, because TypeScript's type does not know `duplex` (Fetch, section 5.3).
  const init = { method, headers, signal, ...(body && { body, duplex: "half" }) };
  return new Request(request.url, init);
}
