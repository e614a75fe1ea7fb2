"use client";

import { Lane } from "#features/lab/lane.tsx";
import type { useLab } from "#features/lab/use-lab.ts";
import { Verdict } from "#features/lab/verdict.tsx";
import { toneOf } from "#features/lab/words.ts";
import * as texts from "#texts/lab.ts";
import { buttonClass } from "#ui/button-class.ts";

type Lab = ReturnType<typeof useLab>;

/** What every process answers, and the one button; below them the same token checked the ordinary way. */
export function Lanes({ lab, processes }: { lab: Lab; processes: number }) {
  const { answers, state, failure, follow } = lab;
  const names = Array.from({ length: processes }, (_, index) => index);
  const accepting = names.filter((index) => {
    const latest = answers.latestOf(index);
    return latest && ["accepted", "stale"].includes(toneOf(latest));
  }).length;
  const isRevoked = state?.phase === "revoked";

  return (
    <section aria-labelledby="lanes-heading" className="min-w-0 rounded-2xl border border-border bg-surface">
      <h2 className="sr-only" id="lanes-heading">
        {texts.lanes}
      </h2>
      <div className="flex flex-col gap-4 p-5 sm:flex-row sm:items-center sm:gap-6 sm:p-6">
        <Verdict accepting={accepting} hasFailed={Boolean(failure)} state={state} />
        <TheButton lab={lab} />
      </div>
      <ul className="divide-y divide-separator border-t border-border px-5 py-1 sm:px-6 sm:py-2">
        {names.map((index) => (
          <Lane
            answers={answers}
            isFollowing={state?.following[index] !== false}
            key={index}
            name={texts.process(index + 1)}
            onFollow={(following) => follow(index, following)}
            process={index}
          />
        ))}
      </ul>
      <div className="rounded-b-2xl border-t border-border bg-surface-secondary px-5 py-1 sm:px-6 sm:py-2">
        <ul>
          <Lane answers={answers} name={texts.ordinary} process={processes} />
        </ul>
        <p className="pb-3 text-xs leading-5 text-muted sm:text-sm">
          {isRevoked ? texts.ordinaryRevoked : texts.ordinaryText}
        </p>
      </div>
    </section>
  );
}

/** One button at one place: what it does next follows from what it did last. */
function TheButton({ lab: { state, isBusy, revoke, issue } }: { lab: Lab }) {
  const isRevoked = state?.phase === "revoked";
  const canPress = !isBusy && (isRevoked || state?.phase === "accepted");
  return (
    <button
      className={buttonClass({
        variant: isRevoked ? "primary" : "danger",
        size: "lg",
        className: "h-12 w-full shrink-0 px-8 text-base sm:w-auto md:h-12",
      })}
      // Not `disabled`, which would take the focus away.
      aria-disabled={!canPress}
      onClick={() => canPress && (isRevoked ? issue() : revoke("sign-out"))}
      type="button"
    >
      {isRevoked ? texts.issue : texts.revoke}
    </button>
  );
}
