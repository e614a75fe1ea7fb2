/** What could lead out of the API's path, or that the API may read differently: a dot segment, also with a parameter; a slash, a
 * backslash, a control character, half a surrogate pair; and what is an escape once more after it was decoded. */
const AMBIGUOUS = /^\.{1,2}(?:;|$)|[/\\\p{Cc}\p{Cs}]|%[\da-f]{2}/iu;
/** What a segment of a path can't have as it is (RFC 3986, section 3.3). */
const TO_ENCODE = /[^\w.~!$&'()*+,;=:@-]+/g;

/** The path that decoded segments make, encoded; nothing where one is ambiguous. The last may be empty, which leaves a slash at
 * the end. */
export function encodedPath(segments: string[]): string | undefined {
  const isPlain = (segment: string, at: number) =>
    segment ? !AMBIGUOUS.test(segment) : at === segments.length - 1;
  if (!segments.every(isPlain)) return undefined;
  return segments.map((segment) => segment.replace(TO_ENCODE, encodeURIComponent)).join("/");
}
