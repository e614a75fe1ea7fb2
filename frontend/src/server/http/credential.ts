import { createHash, timingSafeEqual } from "node:crypto";

const digest = (text: string) => createHash("sha256").update(text).digest();

/** Whether a request carries `expected` as its bearer's credential. Without an expected one nobody has it. */
export const hasCredential = (headers: Headers, expected: string | undefined): boolean =>
  expected !== undefined &&
  timingSafeEqual(digest(headers.get("authorization") ?? ""), digest(`Bearer ${expected}`));
