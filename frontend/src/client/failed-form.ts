import { Refusal } from "#client/failure.ts";
import { sentenceFor } from "#client/messages.ts";
import { type ErrorCode, errors } from "#contract/errors.ts";
import { password } from "#texts/account.ts";

/* Apart from the other messages: the catalogue of errors is for the server's renderings, and none of the browser's load. */

/** A form that was sent without a script. `failed` says what went wrong; without it, the form was accepted. */
export interface SentForm {
  form: string;
  failed?: string;
}

/** The form that led to the page whose address has this `query`. */
export function sentForm(query: Record<string, string | string[] | undefined>): SentForm | undefined {
  const { form } = query;
  const failed = sentenceForCode(query["failed"]);
  return typeof form === "string" ? { form, ...(failed && { failed }) } : undefined;
}

/** The sentence for a form that led back to its page with this code, where no script runs; nothing without one. */
export function sentenceForCode(code: unknown): string | undefined {
  if (typeof code !== "string") return undefined;
  if (code === "INVALID_PASSWORD") return password.wrong;
  const status = Object.hasOwn(errors, code) ? errors[code as ErrorCode].status : 400;
  return sentenceFor(new Refusal(status, code));
}
