import type { Answers } from "#features/lab/answers.ts";
import { LaneCanvas } from "#features/lab/lane-canvas.tsx";
import { answerText, type Tone, toneOf } from "#features/lab/words.ts";
import * as texts from "#texts/lab.ts";

const TEXT: Record<Tone, string> = {
  accepted: "text-accent",
  stale: "text-warning",
  unavailable: "text-warning",
  refused: "text-danger",
  silent: "text-muted",
};

/** One process: its name, what it answers, and the dots. */
export function Lane({
  answers,
  process,
  name,
  isFollowing = true,
  onFollow,
}: {
  answers: Answers;
  process: number;
  name: string;
  isFollowing?: boolean;
  /** Stops or starts the process's feed. */
  onFollow?: (following: boolean) => void;
}) {
  const latest = answers.latestOf(process);
  const tone = latest ? toneOf(latest) : "silent";
  return (
    <li
      className={`grid ${onFollow ? "grid-cols-[minmax(0,1fr)_auto_4rem]" : "grid-cols-[minmax(0,1fr)_auto]"} items-center gap-x-3 py-1.5 sm:gap-x-4 sm:grid-cols-[8.5rem_minmax(0,1fr)_11.5rem_6rem] sm:py-2.5`}
    >
      <span className="truncate text-sm font-medium">{name}</span>
      <span
        className={`order-2 text-right font-mono text-xs whitespace-nowrap tabular-nums sm:order-none sm:col-start-3 sm:row-start-1 ${TEXT[tone]}`}
        data-tone={tone}
      >
        {latest ? answerText(latest) : "…"}
      </span>
      <span
        aria-hidden="true"
        className="order-4 col-span-full min-w-0 sm:order-none sm:col-span-1 sm:col-start-2 sm:row-start-1"
      >
        <LaneCanvas answers={answers} process={process} />
      </span>
      {onFollow && (
        <button
          aria-label={isFollowing ? texts.stopFeedOf(name) : texts.startFeedOf(name)}
          className="text-link order-3 min-h-6 justify-self-end text-xs sm:order-none sm:col-start-4 sm:row-start-1"
          onClick={() => onFollow(!isFollowing)}
          type="button"
        >
          {isFollowing ? texts.stopFeed : texts.startFeed}
        </button>
      )}
    </li>
  );
}
