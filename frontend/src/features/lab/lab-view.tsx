"use client";

import type { ReactNode } from "react";
import { Announcements } from "#features/lab/announcements.tsx";
import { Lane } from "#features/lab/lane.tsx";
import { Surroundings } from "#features/lab/surroundings.tsx";
import { Timeline } from "#features/lab/timeline.tsx";
import { TokenCard } from "#features/lab/token-card.tsx";
import { useLab } from "#features/lab/use-lab.ts";
import { Verdict } from "#features/lab/verdict.tsx";
import { Ways } from "#features/lab/ways.tsx";
import { toneOf } from "#features/lab/words.ts";
import { buttonClass } from "#ui/button-class.ts";
import { Notice } from "#ui/notice.tsx";
import { Section } from "#ui/section.tsx";

/** The whole lab. `children`: the commands to do the same by hand. */
export function LabView({ processes, children }: { processes: number; children: ReactNode }) {
  const { answers, state, failure, isBusy, reopen, revoke, issue, follow } = useLab();
  const names = Array.from({ length: processes }, (_, index) => index);
  const accepting = names.filter((index) => {
    const latest = answers.latestOf(index);
    return latest && ["accepted", "stale"].includes(toneOf(latest));
  }).length;
  const isReady = state?.phase === "accepted" && !isBusy;
  const isRevoked = state?.phase === "revoked";
  const canPress = isReady || (isRevoked && !isBusy);

  return (
    <>
      <Announcements state={state} />
      {failure && (
        <div className="mb-5">
          <Notice alert tone="danger">
            <p>{failure}</p>
            {!state && (
              <button className="text-link mt-1" onClick={reopen} type="button">
                Open a new lab
              </button>
            )}
          </Notice>
        </div>
      )}
      <div className="grid grid-cols-1 gap-6 lg:grid-cols-[minmax(0,1fr)_20rem]">
        <div className="grid min-w-0 content-start gap-6">
          <section
            aria-labelledby="lanes-heading"
            className="min-w-0 rounded-2xl border border-border bg-surface"
          >
            <h2 className="sr-only" id="lanes-heading">
              Who accepts the token
            </h2>
            <div className="flex flex-col gap-4 p-5 sm:flex-row sm:items-center sm:gap-6 sm:p-6">
              <Verdict accepting={accepting} hasFailed={Boolean(failure)} state={state} />
              {/* One button at one place: what it does next follows from what it did last. */}
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
                {isRevoked ? "Issue a new token" : "Revoke"}
              </button>
            </div>
            <ul className="divide-y divide-separator border-t border-border px-5 py-1 sm:px-6 sm:py-2">
              {names.map((index) => (
                <Lane
                  answers={answers}
                  isFollowing={state?.following[index] !== false}
                  key={index}
                  name={`Process ${index + 1}`}
                  onFollow={(following) => follow(index, following)}
                  process={index}
                />
              ))}
            </ul>
            <div className="rounded-b-2xl border-t border-border bg-surface-secondary px-5 py-1 sm:px-6 sm:py-2">
              <ul>
                <Lane answers={answers} name="Ordinary check" process={processes} />
              </ul>
              <p className="pb-3 text-xs leading-5 text-muted sm:text-sm">
                {isRevoked
                  ? "By signature and expiry alone, as most services check it, the revoked token is still let in."
                  : "The same token, by signature and expiry alone, as most services check it."}
              </p>
            </div>
          </section>
          <section
            aria-labelledby="timeline-heading"
            className="min-w-0 rounded-2xl border border-border bg-surface p-5 sm:p-6"
          >
            <h2 className="mb-3 font-display text-xl font-semibold" id="timeline-heading">
              What happened
            </h2>
            <Timeline revocation={state?.revocation} />
          </section>
        </div>
        <TokenCard isRevoked={isRevoked} token={state?.token} />
      </div>
      <div className="mt-12">
        <Section
          text="All end in the same place: a trigger in the database writes the revocation in the transaction that makes it."
          title="Ways to revoke"
        >
          <Ways isReady={isReady} onRevoke={revoke} />
          {isRevoked && (
            <p className="mt-3 text-sm text-muted">This token is revoked: issue a new one first.</p>
          )}
        </Section>
        <Section text="Only your lab is touched." title="Ways to break it">
          <p className="max-w-[60ch] leading-7">
            Stop the feed of a process, and it hears of no revocation any more. Its lane turns amber: it may
            let a revoked token in for {state?.bound || "a few"} seconds, its bound on staleness. Then it
            answers 503: it can’t rule out that the token was revoked, and does not guess. Start the feed, and
            it catches up at once.
          </p>
        </Section>
        <Section text="Against the API itself, as any client." title="The same with curl">
          {children}
        </Section>
        <Section title="The services around">
          <Surroundings health={state?.health} />
        </Section>
      </div>
    </>
  );
}
