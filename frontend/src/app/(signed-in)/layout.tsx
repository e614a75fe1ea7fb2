import type { ReactNode } from "react";
import { SUBJECT_META } from "#client/subject.ts";
import { requireSession } from "#server/identity/require-session.ts";
import { SessionGuard } from "#shell/session-guard.tsx";
import { SignedInHeader } from "#shell/signed-in-header.tsx";
import { StreamedWithoutScripts } from "#shell/streamed-without-scripts.tsx";
import { noScripts } from "#texts/header.ts";
import { Notice } from "#ui/notice.tsx";

/** The frame of the pages behind sign-in. It stays while one leads to the other. */
export default async function SignedInLayout({ children }: { children: ReactNode }) {
  const { user } = await requireSession();
  const { id, name, email, role } = user;
  return (
    <SessionGuard subject={id}>
      <meta content={id} name={SUBJECT_META} />
      <StreamedWithoutScripts style="max-width: 72rem; margin: 0 auto; padding: 0 1.25rem 4rem" />
      <SignedInHeader user={{ id, name, email, role }} />
      <main className="mx-auto w-full max-w-6xl px-5 pt-10 pb-24 sm:px-8 sm:pt-14" id="main">
        <div className="hidden pb-8 noscript:block">
          <Notice>{noScripts}</Notice>
        </div>
        {children}
      </main>
    </SessionGuard>
  );
}
