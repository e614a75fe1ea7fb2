/* Sign-up, sign-in, and a forgotten password. */

export const signIn = {
  title: "Sign in",
  lead: "Get back to your notes.",
  submit: "Sign in",
  pending: "Signing in…",
  noAccount: "No account yet?",
  createOne: "Create one",
  forgot: "Forgot your password?",
  setNewOne: "Set a new one",
};

export const signUp = {
  title: "Create an account",
  lead: "You get an access token that the API accepts for 30 days, unless it is revoked.",
  submit: "Create account",
  pending: "Creating your account…",
  haveAccount: "Already have an account?",
};

export const forgot = {
  pageTitle: "Forgot your password",
  title: "Set a new password",
  lead: "We’ll e-mail you a link. It works once, within an hour.",
  submit: "Send the link",
  pending: "Sending…",
  remembered: "Remembered it?",
  noMailTitle: "This site sends no e-mail",
  noMail: "An administrator can set a new password for you.",
  sentTitle: "Check your inbox and spam folder",
  /** What stands before the address, in its place, and after it. */
  sent: [
    "If there is an account for ",
    "that address",
    ", a link to set a new password is on its way. It can take a minute.",
  ] as const,
};

export const reset = {
  title: "Choose a new password",
  lead: "Every session of your account ends when the new password is set.",
  submit: "Set the new password",
  pending: "Setting…",
  linkFails: "Link not working?",
  askAgain: "Ask for a new one",
  noScript:
    "Turn JavaScript on for this page: your browser keeps the link’s secret to itself, and sends it only with the new password.",
  noLinkTitle: "Open the link in your e-mail",
  noLink:
    "This page works only through the link that was mailed to you. Open it again, or ask for a new one below.",
};
