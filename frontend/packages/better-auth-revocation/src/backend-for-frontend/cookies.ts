export type CookiePair = readonly [name: string, value: string];

/** The cookies of a `Cookie` header, in its order, as they were sent. */
export const cookiePairs = (header: string | null): CookiePair[] =>
  (header ?? "").split(";").flatMap((part) => {
    const at = part.indexOf("=");
    return at < 1 ? [] : [[part.slice(0, at).trim(), part.slice(at + 1).trim()] as const];
  });

/** The value of a request's cookie, as it was sent. */
export const readCookie = (headers: Headers, name: string): string | undefined =>
  cookiePairs(headers.get("cookie")).find(([key]) => key === name)?.[1];
