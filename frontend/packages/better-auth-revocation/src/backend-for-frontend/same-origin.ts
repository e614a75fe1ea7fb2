/** Whether a request that changes something comes from one of the application's own pages; a browser can't be made to lie
 * about either header. */
export function isFromOwnPage(headers: Headers, isTrusted: (origin: string) => boolean): boolean {
  const origin = headers.get("origin");
  if (origin) return isTrusted(origin);
  return headers.get("sec-fetch-site") === "same-origin";
}
