"use client";

import type { SessionRecord } from "#client/records.ts";
import { endSession, listSessions } from "#features/account/account-api.ts";
import { EndSessions } from "#features/account/end-sessions.tsx";
import { sessions as texts } from "#texts/account.ts";
import { LoadFailure } from "#ui/load-failure.tsx";
import { Notice } from "#ui/notice.tsx";
import { Outcome } from "#ui/outcome.tsx";
import { RowSkeletons } from "#ui/row-skeletons.tsx";
import { SessionRow } from "#ui/session-row.tsx";
import { useAction } from "#ui/use-action.ts";
import { useLoaded } from "#ui/use-loaded.ts";

/** Where the person is signed in, and the end of any of it. */
export function Sessions({
  initial,
  onChange,
}: {
  /** What the server had already. */
  initial?: SessionRecord[] | undefined;
  onChange: () => void;
}) {
  const { value: sessions, failure, reload } = useLoaded(listSessions, initial);
  const action = useAction();

  if (failure) return <LoadFailure message={failure} onRetry={reload} />;
  if (!sessions) return <RowSkeletons label={texts.loading} rows={1} />;

  async function afterEnd() {
    await reload();
    onChange();
  }

  const end = (id: string) =>
    action.run(id, async () => {
      const after = await endSession(id);
      await afterEnd();
      return after === null ? texts.ended : texts.endedAfter(Math.max(1, Math.round(after)));
    });

  return (
    <>
      {action.failure && (
        <div className="mb-4">
          <Notice alert tone="danger">
            {action.failure}
          </Notice>
        </div>
      )}
      <Outcome text={action.done} />
      <ul className="divide-y divide-separator">
        {sessions.toSorted(byUse).map((session) => (
          <SessionRow
            isPending={action.pending === session.id}
            key={session.id}
            onEnd={() => void end(session.id)}
            session={session}
          />
        ))}
      </ul>
      <EndSessions action={action} hasOthers={sessions.length > 1} onEnd={afterEnd} />
    </>
  );
}

/** This one first, then those that were used last. */
const byUse = (a: SessionRecord, b: SessionRecord): number =>
  Number(b.current) - Number(a.current) || Date.parse(b.lastSeenAt) - Date.parse(a.lastSeenAt);
