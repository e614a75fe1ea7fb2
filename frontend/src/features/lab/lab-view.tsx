"use client";

import type { ReactNode } from "react";
import { Announcements } from "#features/lab/announcements.tsx";
import { Lanes } from "#features/lab/lanes.tsx";
import { Surroundings } from "#features/lab/surroundings.tsx";
import { Timeline } from "#features/lab/timeline.tsx";
import { TokenCard } from "#features/lab/token-card.tsx";
import { useLab } from "#features/lab/use-lab.ts";
import { Ways } from "#features/lab/ways.tsx";
import * as texts from "#texts/lab.ts";
import { Notice } from "#ui/notice.tsx";
import { Section } from "#ui/section.tsx";

/** The whole lab. `children`: the commands to do the same by hand. */
export function LabView({ processes, children }: { processes: number; children: ReactNode }) {
  const lab = useLab();
  const { state, failure, isBusy, reopen, revoke } = lab;
  const isReady = state?.phase === "accepted" && !isBusy;
  const isRevoked = state?.phase === "revoked";

  return (
    <>
      <Announcements state={state} />
      {failure && (
        <div className="mb-5">
          <Notice alert tone="danger">
            <p>{failure}</p>
            {!state && (
              <button className="text-link mt-1" onClick={reopen} type="button">
                {texts.openAgain}
              </button>
            )}
          </Notice>
        </div>
      )}
      <div className="hidden noscript:block">
        <Notice title={texts.noScriptsTitle}>{texts.noScripts}</Notice>
      </div>
      <div className="grid grid-cols-1 gap-6 lg:grid-cols-[minmax(0,1fr)_20rem] noscript:hidden">
        <div className="grid min-w-0 content-start gap-6">
          <Lanes lab={lab} processes={processes} />
          <section
            aria-labelledby="timeline-heading"
            className="min-w-0 rounded-2xl border border-border bg-surface p-5 sm:p-6"
          >
            <h2 className="mb-3 font-display text-xl font-semibold" id="timeline-heading">
              {texts.timeline.title}
            </h2>
            <Timeline revocation={state?.revocation} />
          </section>
        </div>
        <TokenCard isRevoked={isRevoked} token={state?.token} />
      </div>
      <div className="mt-12">
        <Section text={texts.ways.text} title={texts.ways.title}>
          <Ways isReady={isReady} onRevoke={revoke} />
          {isRevoked && <p className="mt-3 text-sm text-muted">{texts.ways.issueFirst}</p>}
        </Section>
        <Section text={texts.faults.text} title={texts.faults.title}>
          <p className="max-w-[60ch] leading-7">{texts.faults.explanation(state?.bound ?? 0)}</p>
        </Section>
        <Section text={texts.commands.text} title={texts.commands.title}>
          {children}
        </Section>
        <Section title={texts.health.title}>
          <Surroundings health={state?.health} />
        </Section>
      </div>
    </>
  );
}
