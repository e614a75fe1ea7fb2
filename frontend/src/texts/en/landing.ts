export const title = "A 30-day token you can revoke.";
export const lead =
  "Long-lived access is convenient until it has to end. Here it ends at the next request, everywhere.";
export const toLab = "Revoke one yourself";
export const toSignUp = "Create an account";
export const toSignIn = "Sign in";
export const steps = [
  [
    "Sign up once",
    "Better Auth keeps the account and the session, and signs an access token that lives 30 days.",
  ],
  [
    "Verified without a look-up",
    "FastAPI checks the signature in memory. No database, no round trip, microseconds.",
  ],
  ["Revoke it", "Sign out, or end a session anywhere: the next request with that token is refused."],
] as const;
export const reference = "API reference";
export const keys = "Public keys";
