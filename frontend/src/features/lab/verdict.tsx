import type { LabState } from "#contract/lab.ts";
import { verdictOf } from "#features/lab/words.ts";

/** What has come out, in the largest letters of the page. */
export function Verdict({
  state,
  accepting,
  hasFailed,
}: {
  state: LabState | undefined;
  accepting: number;
  hasFailed: boolean;
}) {
  const [first, second] = verdictOf(state, accepting, hasFailed);
  const isRevoked = state?.phase === "revoked";
  return (
    <div className="flex min-h-20 min-w-0 flex-1 flex-col justify-center sm:min-h-28">
      <p
        className={`font-display text-xl leading-tight font-semibold tabular-nums text-balance sm:text-3xl ${isRevoked ? "text-danger" : ""}`}
        data-testid="verdict"
      >
        {first}
      </p>
      <p className="mt-1 text-sm text-muted sm:text-base">{second}</p>
    </div>
  );
}
