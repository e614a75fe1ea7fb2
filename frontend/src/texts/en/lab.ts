/* The lab. */

/** With a hyphen at which no line ends. */
export const title = "Revoke a 30‑day token";
export const description =
  "Revoke a real 30-day token, and watch four processes refuse it within milliseconds.";
export const lead =
  "Four API processes accept it, twenty times a second, without a look-up. Then you revoke it.";
export const off = "The lab is switched off on this site.";
export const offTitle = "Do it with curl";

export const noScriptsTitle = "The lab needs JavaScript";
export const noScripts = "Without it, do the same with curl: the commands are below.";

export const openAgain = "Open a new lab";
export const allInUse = "All labs are in use right now. Try again in a minute.";
export const over = "This lab is over: each lasts half an hour.";
export const lost = "The connection to the lab was lost.";

export const lanes = "Who accepts the token";
export const issue = "Issue a new token";
export const revoke = "Revoke";
export const process = (number: number) => `Process ${number}`;
export const ordinary = "Ordinary check";
export const ordinaryText = "The same token, by signature and expiry alone, as most services check it.";
export const ordinaryRevoked =
  "By signature and expiry alone, as most services check it, the revoked token is still accepted.";
export const stopFeed = "Stop feed";
export const startFeed = "Start feed";
export const stopFeedOf = (name: string) => `Stop feed of ${name}`;
export const startFeedOf = (name: string) => `Start feed of ${name}`;
export const noAnswer = "no answer";

export const verdict = {
  none: ["No token was issued", "The message above says why."],
  issuing: ["Issuing a token …", "For a guest account, made for this lab."],
  revoking: ["Revoking …", "The stopwatch runs until the last process refuses."],
} satisfies Record<string, [string, string]>;
export const acceptedBy = (count: number, of: number) => `Accepted by ${count} of ${of} processes`;
export const goodFor = "Good for 30 days, unless it is revoked.";
/** @param after "19 ms", until the last of them refused; nothing when none did */
export const refusedBy = (count: number, of: number, after: string | undefined) =>
  `Refused by ${count} of ${of} processes${after ? ` after ${after}` : ""}.`;
export const hadLeft = (time: string) => `It had ${time} left.`;
export const noTime = "no time";
export const units = {
  day: (count: number) => (count === 1 ? "1 day" : `${count} days`),
  hour: (count: number) => (count === 1 ? "1 hour" : `${count} hours`),
  minute: (count: number) => (count === 1 ? "1 minute" : `${count} minutes`),
  second: (count: number) => (count === 1 ? "1 second" : `${count} seconds`),
};

export const announced = (life: string) => `A token for ${life} was issued. Processes are asking with it.`;
/** @param names of the processes */
export const feedsStopped = (names: string[]) => ` The feed of ${names.join(" and ")} is stopped.`;

export const timeline = {
  title: "What happened",
  empty: "Press Revoke to see every step here.",
  caption: "Milliseconds since Revoke was pressed",
  pressed: "Pressed",
  written: "Written by the trigger",
  committed: "Committed and notified",
  refused: (after: string) => `401 ${after}`,
  notRefused: "not refused",
  acknowledged: (after: string) => `ack ${after}`,
  notAcknowledged: "not acknowledged",
  /** What follows the mark of the database's clock, and that of the server's. */
  key: [
    " by the database’s clock: when the trigger wrote the revocation, when it was committed (which sends the notification), when each process acknowledged it. ",
    " by this server’s clock: the first 401.",
  ] as const,
};

export const token = {
  title: "The token",
  valid: "valid",
  revoked: "revoked",
  timeLeft: "Time left by its exp",
  header: (algorithm: unknown, key: unknown) => `${String(algorithm)}, key ${String(key)}`,
};
/** What each claim is for. */
export const claims: readonly (readonly [name: string, purpose: string])[] = [
  ["iss", "who issued it: Better Auth"],
  ["aud", "who may accept it: the lab alone"],
  ["sub", "the guest’s user id"],
  ["sid", "the session: when it ends, so does the token"],
  ["ver", "the user’s token version: a higher one revokes it"],
  ["scope", "what its holder may do"],
  ["iat", "issued at"],
  ["exp", "expires at"],
  ["jti", "this token’s own id"],
];

export const ways = {
  title: "Ways to revoke",
  text: "All end in the same place: a trigger in the database writes the revocation in the same transaction.",
  revoke: (label: string) => `Revoke: ${label}`,
  issueFirst: "This token is revoked: issue a new one first.",
  "sign-out": { label: "Sign out", what: "POST /api/auth/sign-out" },
  ban: { label: "Ban the user", what: "what an administrator’s “Suspend” does" },
  role: { label: "Change the role", what: "user becomes reader: the old rights must end" },
  password: { label: "Set a new password", what: "POST /api/auth/change-password" },
  sql: { label: "Plain SQL", what: "DELETE FROM auth.session WHERE id = …" },
};

export const faults = {
  title: "Ways to break it",
  text: "Only your lab is touched.",
  /** @param bound seconds; 0 while it is not known */
  explanation: (bound: number) =>
    `Stop the feed of a process, and it no longer hears of revocations. Its lane turns amber: it may accept a revoked token for ${bound || "a few"} seconds, its bound on staleness. Then it answers 503: it can’t rule out that the token was revoked, and does not guess. Start the feed, and it catches up at once.`,
};

export const commands = {
  title: "The same with curl",
  text: "Call the API directly, as any client does.",
};

export const health = {
  title: "Service health",
  asking: "Asking …",
  identityProvider: "Identity provider (Next.js, Better Auth)",
  api: "API (FastAPI)",
  keys: "Key set",
};
