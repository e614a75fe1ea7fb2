import { Refusal } from "#client/failure.ts";
import { NetworkError, TimeoutError } from "#client/http.ts";
import * as texts from "#texts/failures.ts";

const sentences = new Map<string | undefined, string>(Object.entries(texts.sentences));

/** One sentence for a person: what happened, and what to do about it. No internals. */
export function sentenceFor(error: unknown): string {
  if (error instanceof NetworkError) return texts.connectionLost;
  if (error instanceof TimeoutError) return texts.tooLong;
  if (!(error instanceof Refusal)) return texts.brokenPage;
  if (error.status === 429) return texts.tooMany(waitFor(error.retryAfter));
  if (error.code === "mail_unavailable") return texts.noMail;
  if (error.status >= 500) return texts.unavailable;
  return sentences.get(error.code) ?? texts.notAccepted;
}

function waitFor(seconds = 60): string {
  if (seconds >= 90) return texts.minutes(Math.ceil(seconds / 60));
  return texts.seconds(seconds === 1 ? 1 : Math.max(2, Math.ceil(seconds)));
}
