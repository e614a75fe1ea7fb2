const FORWARDED = ["x-forwarded-host", "x-forwarded-proto"];

/** The headers by which Better Auth tells which of several hosts was asked, where its `baseURL` has `allowedHosts`. Whether it
 * believes the forwarded ones is its own decision. */
export function hostHeaders({ headers, url }: Request): Headers {
  const given = new Headers({ host: headers.get("host") ?? new URL(url).host });
  for (const name of FORWARDED) {
    const value = headers.get(name);
    if (value !== null) given.set(name, value);
  }
  return given;
}
