import type { Answer, LabState, Revocation } from "#contract/lab.ts";
import * as texts from "#texts/lab.ts";

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
  if (status === 0) return texts.noAnswer;
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
  if (first < 0) return texts.noTime;
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => texts.units[unit](count))
    .join(" ");
}

/** What the lab has to say, in two sentences. `accepting`: how many processes have just let the token in. */
export function verdictOf(
  state: LabState | undefined,
  accepting: number,
  hasFailed = false,
): [string, string] {
  const of = state?.following.length ?? 0;
  if (!state && hasFailed) return texts.verdict.none;
  if (!state || state.phase === "issuing") return texts.verdict.issuing;
  if (state.phase === "revoking") return texts.verdict.revoking;
  const { revocation } = state;
  if (!revocation) return [texts.acceptedBy(accepting, of), texts.goodFor];
  return [refusedText(revocation), texts.hadLeft(lifeLeft(revocation.remaining))];
}

function refusedText({ refused }: Revocation): string {
  const times = refused.filter((after) => after !== null);
  const last = times.length ? milliseconds(Math.max(...times)) : undefined;
  return texts.refusedBy(times.length, refused.length, last);
}
