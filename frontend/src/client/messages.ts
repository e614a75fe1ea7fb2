import { Refusal } from "#client/failure.ts";
import { NetworkError, TimeoutError } from "#client/http.ts";
import type { ErrorCode } from "#contract/errors.ts";

const UNAVAILABLE = "The service can't be reached right now. Nothing is lost; try again in a few seconds.";
const NO_MAIL = "The message can't be sent right now. Try again in a minute.";

const SENTENCES = {
  session_ended: "Your session has ended. Sign in again to continue.",
  invalid_credentials: "That e-mail address and password don't match. Check both, then try again.",
  account_banned: "This account is suspended. Contact an administrator.",
  insufficient_scope: "Your account may not do this. Ask an administrator for access.",
  insufficient_role: "Your account may not do this. Ask an administrator for access.",
  origin_not_allowed:
    "This page was opened from an address that isn't accepted. Open the site at its usual address.",
  link_invalid: "This link has been used, or it is older than an hour. Ask for a new one.",
  email_taken: "An account with this e-mail address exists. Sign in instead, or use another address.",
  password_policy: "Choose a stronger password.",
  password_common: "Choose a less common password.",
  validation_failed: "Some entries need a change.",
  payload_too_large: "That is too long to save. Shorten it, then try again.",
  not_found: "It isn't there any more. It may have been deleted in another window.",
  wrong_subject:
    "Somebody else has signed in in this browser meanwhile, so nothing was done. Copy what you need, then reload the page.",
  conflict: "It was changed in another window meanwhile. Save again to replace that version with yours.",
} satisfies Partial<Record<ErrorCode, string>>;

const sentences = new Map<string | undefined, string>(Object.entries(SENTENCES));

/** One sentence for a person: what happened, and what to do about it. No internals. */
export function sentenceFor(error: unknown): string {
  if (error instanceof NetworkError) return "The connection was lost. Check your network, then try again.";
  if (error instanceof TimeoutError) return "This is taking too long. Check your network, then try again.";
  if (!(error instanceof Refusal)) return "Something went wrong on this page. Reload it, then try again.";
  if (error.status === 429) return `Too many attempts. Wait ${waitFor(error.retryAfter)}, then try again.`;
  if (error.code === "mail_unavailable") return NO_MAIL;
  if (error.status >= 500) return UNAVAILABLE;
  return sentences.get(error.code) ?? "That wasn't accepted. Reload the page, then try again.";
}

function waitFor(seconds = 60): string {
  if (seconds >= 90) return `${Math.ceil(seconds / 60)} minutes`;
  return seconds === 1 ? "a second" : `${Math.max(2, Math.ceil(seconds))} seconds`;
}
