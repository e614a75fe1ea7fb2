/* The account page, and what the notes page says of the account. */

export const loading = "Loading your account";

export const sessions = {
  title: "Where you are signed in",
  text: "End a session, and its access token is refused at the next request, wherever it is used.",
  loading: "Loading your sessions",
  ended: "The session has ended. Its access token is refused from now on.",
  endedAfter: (milliseconds: number) => `The session has ended. Refused everywhere after ${milliseconds} ms.`,
  othersEnded: "You are signed out everywhere but here.",
  others: "Sign out everywhere else",
  othersTitle: "Sign out everywhere else?",
  othersText: "Every other device has to sign in again. You stay signed in here.",
  all: "Sign out everywhere",
  allTitle: "Sign out everywhere?",
  allText: "Every device has to sign in again, this one too.",
};

export const password = {
  title: "Password",
  text: "A new password ends all your other sessions.",
  current: "Current password",
  next: "New password",
  submit: "Change password",
  pending: "Changing…",
  enterCurrent: "Enter your current password.",
  wrong: "That is not your current password. Check it, then try again.",
  changed: "Your password has changed. Every other session has ended.",
};

export const activity = {
  title: "Recent activity",
  text: "Something here that wasn’t you? End that session and change your password.",
};

export const name = {
  title: "Name",
  text: "Shown here, and part of your access token.",
  submit: "Save name",
  saved: "Your name is saved.",
};

export const deletion = {
  title: "Delete account",
  text: "Your notes are deleted with it. This can’t be undone.",
  open: "Delete account",
  question: "Delete your account?",
  explanation: "Your notes are deleted with it, and you are signed out everywhere. This can’t be undone.",
  password: "Your password",
  wrong: "That is not your password. Check it, then try again.",
  submit: "Delete my account",
  pending: "Deleting…",
};

export const whoAmI = {
  label: "Who am I",
  details: "Details",
  less: "Less",
  goodFor: "Your access token is good for",
  until: "until ",
  youMay: "You may",
  role: "Role",
  roles: "Roles",
  session: "Session",
  source: "FastAPI reads this from your token. When you sign out, the token is refused at once.",
};
