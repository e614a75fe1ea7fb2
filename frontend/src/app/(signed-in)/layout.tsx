import type { ReactNode } from "react";
import { SUBJECT_META } from "#client/subject.ts";
import { requireSession } from "#server/identity/require-session.ts";
import { SessionGuard } from "#shell/session-guard.tsx";
import { SignedInHeader } from "#shell/signed-in-header.tsx";

/** The frame of the pages behind sign-in. It stays while one leads to the other. */
export default async function SignedInLayout({ children }: { children: ReactNode }) {
  const { user } = await requireSession();
  const { id, name, email, role } = user;
  return (
    <SessionGuard subject={id}>
      <meta content={id} name={SUBJECT_META} />
      {/* Streamed content stays hidden until a script puts it in place. The first layer's !important wins over Tailwind's. */}
      <noscript>
        <style>{`.skeletons { display: none } @layer theme { [hidden][id^="S:"] { display: block !important; max-width: 72rem; margin: 0 auto; padding: 0 1.25rem 4rem } }`}</style>
      </noscript>
      <SignedInHeader user={{ id, name, email, role }} />
      <main className="mx-auto w-full max-w-6xl px-5 pt-10 pb-24 sm:px-8 sm:pt-14" id="main">
        {children}
      </main>
    </SessionGuard>
  );
}
