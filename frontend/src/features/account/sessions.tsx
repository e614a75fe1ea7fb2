"use client";

import { useState } from "react";
import { signingOut } from "#client/session-channel.ts";
import { signInPath } from "#contract/return-to.ts";
import { endAllSessions, endOtherSessions, endSession, listSessions } from "#features/account/account-api.ts";
import { SessionRow } from "#features/account/session-row.tsx";
import { Button } from "#ui/button.tsx";
import { ConfirmDialog } from "#ui/confirm-dialog.tsx";
import { LoadFailure } from "#ui/load-failure.tsx";
import { Notice } from "#ui/notice.tsx";
import { Outcome } from "#ui/outcome.tsx";
import { RowSkeletons } from "#ui/row-skeletons.tsx";
import { useAction } from "#ui/use-action.ts";
import { useLoaded } from "#ui/use-loaded.ts";

type Question = "others" | "all";

/** Where the person is signed in, and the end of any of it. */
export function Sessions({ onChange }: { onChange: () => void }) {
  const { value: sessions, failure, reload } = useLoaded(listSessions);
  const { pending, failure: refusal, done, run } = useAction();
  const [question, setQuestion] = useState<Question>();

  if (failure) return <LoadFailure message={failure} onRetry={reload} />;
  if (!sessions) return <RowSkeletons label="Loading your sessions" />;

  const end = (id: string) =>
    run(id, async () => {
      const after = await endSession(id);
      await reload();
      onChange();
      return after === null
        ? "The session has ended. Its access token is refused from now on."
        : `The session has ended. Refused everywhere after ${Math.max(1, Math.round(after))} ms.`;
    });
  const endOthers = () =>
    run(
      "others",
      async () => {
        await endOtherSessions();
        await reload();
        onChange();
      },
      "You are signed out everywhere but here.",
    );
  const endAll = () =>
    run("all", async () => {
      await signingOut(endAllSessions);
      location.assign(signInPath({ reason: "signed_out" }));
    });
  const sorted = [...sessions].sort(
    (a, b) => Number(b.current) - Number(a.current) || Date.parse(b.lastSeenAt) - Date.parse(a.lastSeenAt),
  );

  return (
    <>
      {refusal && (
        <div className="mb-4">
          <Notice alert tone="danger">
            {refusal}
          </Notice>
        </div>
      )}
      <Outcome text={done} />
      <ul className="divide-y divide-separator">
        {sorted.map((session) => (
          <SessionRow
            isPending={pending === session.id}
            key={session.id}
            onEnd={() => end(session.id)}
            session={session}
          />
        ))}
      </ul>
      <div className="mt-5 flex flex-wrap gap-2">
        <Button
          disabled={sessions.length < 2}
          isPending={pending === "others"}
          onClick={() => setQuestion("others")}
          variant="tertiary"
        >
          Sign out everywhere else
        </Button>
        <Button isPending={pending === "all"} onClick={() => setQuestion("all")} variant="danger-soft">
          Sign out everywhere
        </Button>
      </div>
      <ConfirmDialog
        confirmLabel="Sign out everywhere else"
        isOpen={question === "others"}
        onConfirm={endOthers}
        onOpenChange={(isOpen) => setQuestion(isOpen ? "others" : undefined)}
        title="Sign out everywhere else?"
      >
        Every other device has to sign in again. You stay signed in here.
      </ConfirmDialog>
      <ConfirmDialog
        confirmLabel="Sign out everywhere"
        isOpen={question === "all"}
        onConfirm={endAll}
        onOpenChange={(isOpen) => setQuestion(isOpen ? "all" : undefined)}
        title="Sign out everywhere?"
      >
        Every device has to sign in again, this one too.
      </ConfirmDialog>
    </>
  );
}
