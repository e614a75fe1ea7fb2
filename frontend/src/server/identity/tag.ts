import { createHmac } from "node:crypto";
import { env } from "#server/env.ts";

/** What stands for an address or an id where that itself must not be seen; the same for any case. Can't be made, or told
 * to be somebody's, without the secret. */
export const tagOf = (purpose: string, text: string): string =>
  createHmac("sha256", env().BETTER_AUTH_SECRET)
    .update(`${purpose}\0${text.toLowerCase()}`)
    .digest("base64url");

/** One of a million keys, for counting what anybody can make up without letting them fill a table. Nobody can aim at
 * another's. */
export const bucketOf = (purpose: string, text: string): string =>
  `${purpose}:${Buffer.from(tagOf(purpose, text), "base64url").readUIntBE(0, 3) >> 4}`;
