/* The administrators' pages. */

export const search = "Search by name or e-mail address";
export const submitSearch = "Search";
export const loading = "Loading users";
export const users = "Users";
export const none = "No user has a name or an address like that.";
export const pages = "Pages";
export const range = (from: number, to: number, total: number) => `${from} to ${to} of ${total}`;
export const previous = "Previous";
export const next = "Next";

export const administrator = "Administrator";
export const you = "You";
/** What stands before the time of the sign-up. */
export const joined = ", joined ";
/** The texts before and after the time. */
export const suspendedUntil = ["Suspended until ", ""] as const;
export const suspendedUntilLifted = "Suspended until lifted";
/** What stands between the term and the reason. */
export const suspendedFor = ": ";

export const actionsFor = (email: string) => `Actions for ${email}`;
export const makeAdministrator = "Make administrator";
export const makeUser = "Make user";
export const promoteTitle = "Make an administrator?";
export const promoteText = (name: string) =>
  `${name} will be able to see all users, suspend them and change their roles.`;
export const demoteTitle = "Remove the administrator role?";
export const demoteText = (name: string) => `${name} will be an ordinary user from the next request on.`;
export const roleChanged = "Role changed.";
export const endSessions = "End sessions";
export const endSessionsTitle = "End all sessions?";
export const endSessionsText = (name: string) => `${name} has to sign in again on every device.`;
export const sessionsEnded = "All sessions have ended.";
export const liftSuspension = "Lift suspension";
export const suspensionLifted = "Suspension lifted.";
export const suspend = "Suspend";
export const suspended = "Suspended.";
export const suspendTitle = (name: string) => `Suspend ${name}?`;
export const suspendText = "All sessions end at once, and signing in is refused until the term is over.";
export const reason = "Reason, for the record";
export const enterReason = "Give a reason.";
export const term = "Term";
export const terms = {
  day: "1 day",
  week: "1 week",
  month: "30 days",
  open: "Until lifted",
};
export const deleteUser = "Delete user";
export const deleteTitle = (name: string) => `Delete ${name}?`;
export const deleteText =
  "The account and its notes are deleted, and its access tokens are revoked. This can’t be undone.";

export const backToUsers = "All users";
export const sessions = {
  title: "Sessions",
  text: "An ended session’s access token is refused at the next request.",
  loading: "Loading the sessions",
  none: "Not signed in anywhere.",
  ended: "The session has ended.",
};
export const activity = {
  title: "Activity",
  text: "What happened to this account, and who did it.",
};
export const details = {
  title: "Account",
  id: "Id",
  role: "Role",
  ordinary: "User",
  joined: "Joined",
};
