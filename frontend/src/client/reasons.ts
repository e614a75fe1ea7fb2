import type { PageEnd } from "#client/session-watch.ts";

/** Why a person lands at the sign-in page, or sees nothing of the page that they were on. */
const REASONS = {
  ended: {
    title: "Your session has ended",
    text: "It expired, or it was ended from another device. Sign in to continue where you were; what you typed is kept.",
  },
  expired: {
    title: "Your session has expired",
    text: "It wasn't used for a long time. Sign in to continue where you were; what you typed is kept.",
  },
  ended_elsewhere: {
    title: "Your session was ended",
    text: "It was ended from another device, or by an administrator. Sign in to continue where you were; what you typed is kept.",
  },
  password_changed: {
    title: "Your password was changed",
    text: "That ended every other session. Sign in with the new password to continue; what you typed is kept.",
  },
  suspended: {
    title: "This account is suspended",
    text: "Ask an administrator for the reason. An administrator can also lift it.",
  },
  deleted: {
    title: "This account was deleted",
    text: "Create a new account, or sign in to another one.",
  },
  signed_out: {
    title: "You are signed out",
    text: "The access token of that session is no longer accepted anywhere.",
  },
  password_set: {
    title: "Your new password is set",
    text: "Every session of the account has ended. Sign in with the new password.",
  },
  sign_in_required: {
    title: "Sign in to see that page",
    text: "You will be taken there straight afterwards.",
  },
  account_deleted: {
    title: "Your account is deleted",
    text: "Your notes are gone with it, and its access tokens are no longer accepted anywhere.",
  },
} as const;

type Reason = keyof typeof REASONS;
type Sentences = { title: string; text: string };

/** The sentences for a `reason` of the address bar; undefined for one we don't know. */
export function reasonFor(value: unknown): Sentences | undefined {
  return typeof value === "string" && Object.hasOwn(REASONS, value) ? REASONS[value as Reason] : undefined;
}

/** The sentences for a page that must not be shown any more. */
export function sentencesFor(end: PageEnd): Sentences {
  if (end.type === "signed-out") return { ...REASONS.signed_out, text: "You signed out in another tab." };
  if (end.type === "ended") return REASONS[end.reason ?? "ended"];
  return end.isSame
    ? { title: "You are signed in again", text: "Continue where you were; what you typed is kept." }
    : {
        title: "Somebody else is signed in",
        text: "They signed in in another tab of this browser, so this page is not shown any more.",
      };
}
