import type { ErrorCode } from "#contract/errors.ts";

/* One sentence for a person: what happened, and what to do about it. No internals. */

export const unavailable =
  "The service can’t be reached right now. Nothing is lost; try again in a few seconds.";
export const noMail = "The message can’t be sent right now. Try again in a minute.";
export const connectionLost = "The connection was lost. Check your network, then try again.";
export const tooLong = "This is taking too long. Check your network, then try again.";
export const brokenPage = "Something went wrong on this page. Reload it, then try again.";
export const notAccepted = "That wasn’t accepted. Reload the page, then try again.";
export const tooMany = (wait: string) => `Too many attempts. Wait ${wait}, then try again.`;
export const minutes = (count: number) => `${count} minutes`;
export const seconds = (count: number) => (count === 1 ? "a second" : `${count} seconds`);

export const sentences = {
  session_ended: "Your session has ended. Sign in again to continue.",
  invalid_credentials: "That e-mail address and password don’t match. Check both, then try again.",
  account_banned: "This account is suspended. Contact an administrator.",
  insufficient_scope: "Your account may not do this. Ask an administrator for access.",
  insufficient_role: "Your account may not do this. Ask an administrator for access.",
  origin_not_allowed:
    "This page was opened from an address that isn’t accepted. Open the site at its usual address.",
  link_invalid: "This link has been used, or it is older than an hour. Ask for a new one.",
  email_taken: "An account with this e-mail address exists. Sign in instead, or use another address.",
  password_policy: "Choose a stronger password.",
  password_common: "Choose a less common password.",
  validation_failed: "Some entries need a change.",
  payload_too_large: "That is too long to save. Shorten it, then try again.",
  not_found: "It isn’t there any more. It may have been deleted in another window.",
  wrong_subject:
    "Somebody else has signed in in this browser meanwhile, so nothing was done. Copy what you need, then reload the page.",
  conflict: "It was changed in another window meanwhile. Save again to replace that version with yours.",
} satisfies Partial<Record<ErrorCode, string>>;
