import type { LabState } from "#contract/lab.ts";
import { lifeLeft, verdictOf } from "#features/lab/words.ts";

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
  const deaf = state.following.flatMap((following, index) => (following ? [] : [`process ${index + 1}`]));
  const feeds = deaf.length ? ` The feed of ${deaf.join(" and ")} is stopped.` : "";
  return `A token for ${lifeLeft(exp - iat)} was issued. Processes are asking with it.${feeds}`;
}
