import { Refusal } from "#client/failure.ts";
import { sentenceFor } from "#client/messages.ts";
import { type ErrorCode, errors } from "#contract/errors.ts";

/* Apart from the other messages: the catalogue of errors is for the server's renderings, and none of the browser's load. */

/** The sentence for a form that led back to its page with this code, where no script runs; nothing without one. */
export function sentenceForCode(code: unknown): string | undefined {
  if (typeof code !== "string") return undefined;
  const status = Object.hasOwn(errors, code) ? errors[code as ErrorCode].status : 400;
  return sentenceFor(new Refusal(status, code));
}
