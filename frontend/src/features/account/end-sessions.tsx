"use client";

import { useState } from "react";
import { signingOut } from "#client/session-channel.ts";
import { signInPath } from "#contract/return-to.ts";
import { endAllSessions, endOtherSessions } from "#features/account/account-api.ts";
import { sessions as texts } from "#texts/account.ts";
import { Button } from "#ui/button.tsx";
import { ConfirmDialog } from "#ui/confirm-dialog.tsx";
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
  const [question, setQuestion] = useState<"others" | "all">();

  const endOthers = () =>
    run(
      "others",
      async () => {
        await endOtherSessions();
        await onEnd();
      },
      texts.othersEnded,
    );
  const endAll = () =>
    run("all", async () => {
      await signingOut(endAllSessions);
      location.assign(signInPath({ reason: "signed_out" }));
    });

  return (
    <>
      <div className="mt-5 flex flex-wrap gap-2">
        <Button
          disabled={!hasOthers}
          isPending={pending === "others"}
          onClick={() => setQuestion("others")}
          variant="tertiary"
        >
          {texts.others}
        </Button>
        <Button isPending={pending === "all"} onClick={() => setQuestion("all")} variant="danger-soft">
          {texts.all}
        </Button>
      </div>
      <ConfirmDialog
        confirmLabel={texts.others}
        isOpen={question === "others"}
        onConfirm={endOthers}
        onOpenChange={(isOpen) => setQuestion(isOpen ? "others" : undefined)}
        title={texts.othersTitle}
      >
        {texts.othersText}
      </ConfirmDialog>
      <ConfirmDialog
        confirmLabel={texts.all}
        isOpen={question === "all"}
        onConfirm={endAll}
        onOpenChange={(isOpen) => setQuestion(isOpen ? "all" : undefined)}
        title={texts.allTitle}
      >
        {texts.allText}
      </ConfirmDialog>
    </>
  );
}
