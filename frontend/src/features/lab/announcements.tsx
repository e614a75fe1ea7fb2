import type { LabState } from "#contract/lab.ts";
import { lifeLeft, verdictOf } from "#features/lab/words.ts";
import * as texts from "#texts/lab.ts";

/** Reads out what changes, once each: never the answers, of which there are a hundred a second. */
export function Announcements({ state }: { state: LabState | undefined }) {
  return (
    <p className="sr-only" role="status">
      {sentence(state)}
    </p>
  );
}

function sentence(state: LabState | undefined): string {
  if (!state || state.phase === "issuing") return "";
  if (state.revocation) return verdictOf(state, 0).join(" ");
  if (state.phase !== "accepted" || !state.token) return "";
  const { iat, exp } = state.token.claims;
  const deaf = state.following.flatMap((following, index) => (following ? [] : [texts.process(index + 1)]));
  const feeds = deaf.length ? texts.feedsStopped(deaf) : "";
  return texts.announced(lifeLeft(exp - iat)) + feeds;
}
