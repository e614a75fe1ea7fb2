import { Refusal } from "#client/failure.ts";
import { sentenceFor } from "#client/messages.ts";

export interface FormErrors {
  /** What concerns the form as a whole. */
  message?: string;
  /** Field name to its messages, in the order of the form. */
  fields: Record<string, string[]>;
  /** Seconds in which it is no use to try again. */
  retryAfter?: number;
}

export const NO_ERRORS: FormErrors = { fields: {} };

/** Seconds to wait where a refusal names none. */
const LONG_ENOUGH = 60;

/** A failed submit as the form shows it: at the fields that a refusal names, else as one sentence. */
export function formErrorsOf(error: unknown, known: readonly string[]): FormErrors {
  const fields: Record<string, string[]> = {};
  if (error instanceof Refusal) {
    for (const name of known) {
      const messages = error.fields.filter(({ field }) => field === name).map(({ message }) => message);
      if (messages.length > 0) fields[name] = messages;
    }
  }
  if (Object.keys(fields).length > 0) return { fields };
  const wait =
    error instanceof Refusal && error.status === 429 ? (error.retryAfter ?? LONG_ENOUGH) : undefined;
  return { message: sentenceFor(error), fields, ...(wait !== undefined && { retryAfter: wait }) };
}
