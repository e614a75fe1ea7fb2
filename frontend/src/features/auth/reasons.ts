/** Why a person lands at the sign-in page. */
const REASONS = {
  ended: {
    title: "Your session has ended",
    text: "It expired, or it was ended from another place. Sign in to carry on where you were; what you typed is kept.",
  },
  expired: {
    title: "Your session has expired",
    text: "It wasn't used for a long time. Sign in to carry on where you were; what you typed is kept.",
  },
  ended_elsewhere: {
    title: "Your session was ended",
    text: "From another place, or by an administrator. Sign in to carry on where you were; what you typed is kept.",
  },
  password_changed: {
    title: "Your password was changed",
    text: "That ended every other session. Sign in with the new one to carry on; what you typed is kept.",
  },
  suspended: {
    title: "This account is suspended",
    text: "An administrator can tell you why, and lift it.",
  },
  deleted: {
    title: "That account was deleted",
    text: "Create a new one, or sign in to another.",
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
} as const;

type Reason = keyof typeof REASONS;

/** The sentence for a `reason` of the address bar; undefined for one we don't know. */
export function reasonFor(value: unknown): { title: string; text: string } | undefined {
  return typeof value === "string" && Object.hasOwn(REASONS, value) ? REASONS[value as Reason] : undefined;
}
