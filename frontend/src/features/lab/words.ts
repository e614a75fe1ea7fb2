import type { Answer, LabState, Revocation, Way } from "#contract/lab.ts";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How an answer looks: let in, let in by a process that hears no revocations, refused, unable to tell, no answer. */
export type Tone = "accepted" | "stale" | "refused" | "unavailable" | "silent";

export function toneOf({ status, following }: Answer): Tone {
  if (status === 200) return following === false ? "stale" : "accepted";
  if (status === 401) return "refused";
  return status === 503 ? "unavailable" : "silent";
}

/** "200 · 3 µs", "401 token_revoked". */
export function answerText({ status, code, microseconds }: Answer): string {
  if (status === 0) return "no answer";
  if (microseconds !== undefined) return `${status} · ${duration(microseconds)}`;
  return code ? `${status} ${code}` : String(status);
}

/** Of microseconds, in two digits or so. */
export const duration = (microseconds: number): string =>
  microseconds < 1000
    ? `${Math.max(1, Math.round(microseconds))} µs`
    : `${(microseconds / 1000).toFixed(1)} ms`;

/** Milliseconds without decimals from ten on. */
export const milliseconds = (value: number): string =>
  `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;

/** "29 days 23 hours", the two largest units. */
export function lifeLeft(seconds: number): string {
  const parts = [
    [Math.floor(seconds / DAY), "day"],
    [Math.floor((seconds % DAY) / HOUR), "hour"],
    [Math.floor((seconds % HOUR) / MINUTE), "minute"],
    [Math.floor(seconds % MINUTE), "second"],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  if (first < 0) return "no time";
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}${count === 1 ? "" : "s"}`)
    .join(" ");
}

/** What the lab has to say, in two sentences. `accepting`: how many processes have just let the token in. */
export function verdictOf(
  state: LabState | undefined,
  accepting: number,
  hasFailed = false,
): [string, string] {
  const of = state?.following.length ?? 0;
  if (!state && hasFailed) return ["No token was issued", "The message above says why."];
  if (!state || state.phase === "issuing")
    return ["Issuing a token …", "A guest account of its own, for you."];
  if (state.phase === "revoking") return ["Revoking …", "The stopwatch runs until the last process refuses."];
  const { revocation } = state;
  if (!revocation)
    return [`Accepted by ${accepting} of ${of} processes`, "Good for 30 days, unless it is revoked."];
  return [refusedText(revocation), `It had ${lifeLeft(revocation.remaining)} left.`];
}

function refusedText({ refused }: Revocation): string {
  const times = refused.filter((after) => after !== null);
  const last = times.length ? ` after ${milliseconds(Math.max(...times))}` : "";
  return `Refused by ${times.length} of ${refused.length} processes${last}.`;
}

export const WAYS: Record<Way, { label: string; what: string }> = {
  "sign-out": { label: "Sign out", what: "POST /api/auth/sign-out" },
  ban: { label: "Ban the user", what: "what an administrator's “Suspend” does" },
  role: { label: "Change the role", what: "user becomes reader: the old rights must end" },
  password: { label: "Set a new password", what: "POST /api/auth/change-password" },
  sql: { label: "Plain SQL", what: "DELETE FROM auth.session WHERE id = …" },
};

/** What each claim is for. */
export const CLAIMS: readonly (readonly [name: string, purpose: string])[] = [
  ["iss", "who issued it: Better Auth"],
  ["aud", "who may accept it: the lab alone"],
  ["sub", "the guest’s user id"],
  ["sid", "the session: dies with it"],
  ["ver", "the user’s token version: a higher one ends it"],
  ["scope", "what its holder may do"],
  ["iat", "issued at"],
  ["exp", "expires at"],
  ["jti", "this token’s own id"],
];
