"use client";

import { type ReactNode, useEffect, useState } from "react";
import { forgetDraftsOfOthers } from "#client/drafts.ts";
import { type PageEnd, watchSession } from "#client/session-watch.ts";
import { rememberSignedIn } from "#client/signed-in-hint.ts";
import { SessionOver } from "#shell/session-over.tsx";

/** Shows `children`, which are for `subject` alone, for as long as their session lives. */
export function SessionGuard({ subject, children }: { subject: string; children: ReactNode }) {
  const [end, setEnd] = useState<PageEnd>();

  useEffect(() => {
    forgetDraftsOfOthers(subject);
    rememberSignedIn(true);
    return watchSession(subject, (next) => {
      // Signed in again in another tab: what is hidden here may be shown again.
      if (next.type === "signed-in" && next.isSame) setEnd((held) => (held ? next : held));
      else setEnd((held) => (held?.type === "signed-out" && next.type === "ended" ? held : next));
    });
  }, [subject]);

  useEffect(() => {
    // The browser shows a page that was left as it was, of whomever.
    const look = (event: PageTransitionEvent) => event.persisted && location.reload();
    addEventListener("pageshow", look);
    return () => removeEventListener("pageshow", look);
  }, []);

  return end ? <SessionOver end={end} /> : children;
}
