/* The end of a session, and what follows. */

export const signOut = "Sign out";
export const signingOut = "Signing out…";
export const stillSignedIn = (reason: string) => `You are still signed in. ${reason}`;
/** What stands before the time of day, and after it. */
export const at = ["At ", ". "] as const;
export const signInAgain = "Sign in again";
export const goOn = "Continue";
export const goToTheirNotes = "Go to their notes";

/** Why a person lands at the sign-in page, or sees nothing of the page that they were on. */
export const reasons = {
  ended: {
    title: "Your session has ended",
    text: "It expired, or it was ended from another device. Sign in to continue where you were; what you typed is kept.",
  },
  expired: {
    title: "Your session has expired",
    text: "It wasn’t used for a long time. Sign in to continue where you were; what you typed is kept.",
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
    text: "Ask an administrator for the reason. An administrator can also lift the suspension.",
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
    text: "You will go there right after you sign in.",
  },
  account_deleted: {
    title: "Your account is deleted",
    text: "Your notes are deleted with it, and its access tokens are no longer accepted anywhere.",
  },
} as const;

export const signedOutElsewhere = "You signed out in another tab.";
export const signedInAgain = {
  title: "You are signed in again",
  text: "Continue where you were; what you typed is kept.",
};
export const somebodyElse = {
  title: "Somebody else is signed in",
  text: "They signed in in another tab of this browser, so this page is not shown any more.",
};
