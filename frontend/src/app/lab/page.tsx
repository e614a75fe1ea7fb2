import type { Metadata } from "next";
import { connection } from "next/server";
import { Commands } from "#features/lab/commands.tsx";
import { LabView } from "#features/lab/lab-view.tsx";
import { env } from "#server/env.ts";
import { getSession } from "#server/identity/session.ts";
import { SignedInHeader } from "#shell/signed-in-header.tsx";
import { SiteHeader } from "#shell/site-header.tsx";
import * as texts from "#texts/lab.ts";
import * as pages from "#texts/pages.ts";
import { Section } from "#ui/section.tsx";

export const metadata: Metadata = {
  title: pages.lab,
  description: texts.description,
};

export default async function LabPage() {
  await connection();
  const session = await getSession().catch(() => null);
  const { LAB_ENABLED, LAB_PROCESSES, BETTER_AUTH_URL, API_URL } = env();
  const commands = <Commands api={API_URL} web={BETTER_AUTH_URL} />;
  return (
    <>
      {session ? <SignedInHeader user={session.user} /> : <SiteHeader />}
      <main className="mx-auto w-full max-w-6xl px-5 pt-6 pb-16 sm:px-8 sm:pt-10" id="main">
        <h1 className="font-display text-3xl font-medium tracking-tight sm:text-5xl">{texts.title}</h1>
        <p className="mt-3 mb-7 text-lg leading-8 text-muted max-sm:hidden">{texts.lead}</p>
        <div className="max-sm:mt-4">
          {LAB_ENABLED ? (
            <LabView processes={LAB_PROCESSES.length}>{commands}</LabView>
          ) : (
            <Section text={texts.off} title={texts.offTitle}>
              {commands}
            </Section>
          )}
        </div>
      </main>
    </>
  );
}
