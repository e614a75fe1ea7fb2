import type { PageEnd } from "#client/session-watch.ts";
import { reasons, signedInAgain, signedOutElsewhere, somebodyElse } from "#texts/session.ts";

type Reason = keyof typeof reasons;
type Sentences = { title: string; text: string };

/** The sentences for a `reason` of the address bar; undefined for one we don't know. */
export function reasonFor(value: unknown): Sentences | undefined {
  return typeof value === "string" && Object.hasOwn(reasons, value) ? reasons[value as Reason] : undefined;
}

/** The sentences for a page that must not be shown any more. */
export function sentencesFor(end: PageEnd): Sentences {
  if (end.type === "signed-out") return { ...reasons.signed_out, text: signedOutElsewhere };
  if (end.type === "ended") return reasons[end.reason ?? "ended"];
  return end.isSame ? signedInAgain : somebodyElse;
}
