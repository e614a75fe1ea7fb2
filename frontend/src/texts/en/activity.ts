/* What happened to an account, and on which device. */

export const loading = "Loading the activity";
export const empty = "Nothing has happened yet.";
export const older = "Show older activity";

/** By the names of the audit log. */
export const events: Record<string, string> = {
  signed_up: "Account created",
  signed_in: "Signed in",
  sign_in_failed: "Sign-in with a wrong password",
  signed_out: "Signed out",
  password_changed: "Password changed",
  password_reset: "New password set through a link from an e-mail",
  session_ended: "A session was ended",
  other_sessions_ended: "All other sessions were ended",
  all_sessions_ended: "All sessions were ended",
  tokens_revoked: "Access tokens were revoked",
  token_reused: "A session was ended because a token that had been replaced was used again",
  user_changed: "Details changed",
  role_changed: "Role changed",
  banned: "Account suspended",
  unbanned: "Suspension lifted",
  impersonated: "An administrator started to act for this account",
  impersonation_ended: "An administrator stopped acting for this account",
};
export const unknownEvent = "Account changed";
export const sessionEnded = (device: string) => `The session of ${device} was ended`;
export const withDetails = (what: string, details: string) => `${what}: ${details}`;
export const actors = {
  you: "",
  administrator: "by an administrator",
  operator: "by the operator",
  system: "automatically",
  unknown: "",
};

export const kinds = {
  desktop: "A computer",
  mobile: "A phone",
  tablet: "A tablet",
  other: "An unknown device",
};
export const browserOn = (browser: string, os: string) => `${browser} on ${os}`;
export const kindWith = (kind: string, os: string) => `${kind} with ${os}`;
