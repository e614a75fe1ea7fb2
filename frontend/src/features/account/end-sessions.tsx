"use client";

import { signingOut } from "#client/session-channel.ts";
import { signInPath } from "#contract/return-to.ts";
import { endAllSessions, endOtherSessions } from "#features/account/account-api.ts";
import { sessions as texts } from "#texts/account.ts";
import { ConfirmButton } from "#ui/confirm-button.tsx";
import type { useAction } from "#ui/use-action.ts";

/** The end of all other sessions, or of all, after a question. */
export function EndSessions({
  action: { pending, run },
  hasOthers,
  onEnd,
}: {
  action: ReturnType<typeof useAction>;
  hasOthers: boolean;
  /** Called once the others have ended. */
  onEnd: () => Promise<void>;
}) {
  async function endOthers() {
    await endOtherSessions();
    await onEnd();
  }

  async function endAll() {
    await signingOut(endAllSessions);
    location.assign(signInPath({ reason: "signed_out" }));
  }

  return (
    <div className="mt-5 flex flex-wrap gap-2">
      <ConfirmButton
        disabled={!hasOthers}
        isPending={pending === "others"}
        label={texts.others}
        onConfirm={() => void run("others", endOthers, texts.othersEnded)}
        title={texts.othersTitle}
        variant="tertiary"
      >
        {texts.othersText}
      </ConfirmButton>
      <ConfirmButton
        isPending={pending === "all"}
        label={texts.all}
        onConfirm={() => void run("all", endAll)}
        title={texts.allTitle}
        variant="danger-soft"
      >
        {texts.allText}
      </ConfirmButton>
    </div>
  );
}
