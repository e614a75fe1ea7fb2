"use client";

import { useCallback } from "react";
import type { SessionRecord } from "#client/records.ts";
import { endUserSession, listUserSessions } from "#features/admin/admin-api.ts";
import * as texts from "#texts/admin.ts";
import { LoadFailure } from "#ui/load-failure.tsx";
import { Outcome } from "#ui/outcome.tsx";
import { RowSkeletons } from "#ui/row-skeletons.tsx";
import { SessionRow } from "#ui/session-row.tsx";
import { useAction } from "#ui/use-action.ts";
import { useLoaded } from "#ui/use-loaded.ts";

/** Where a user is signed in, and the end of any of it. */
export function UserSessions({
  userId,
  initial,
  onChange,
}: {
  userId: string;
  /** What the server had already. */
  initial?: SessionRecord[] | undefined;
  onChange: () => void;
}) {
  const load = useCallback(() => listUserSessions(userId), [userId]);
  const { value: sessions, failure, reload } = useLoaded(load, initial);
  const { pending, failure: refusal, done, run } = useAction();

  if (failure) return <LoadFailure message={failure} onRetry={reload} />;
  if (!sessions) return <RowSkeletons label={texts.sessions.loading} rows={1} />;

  const end = (id: string) =>
    run(
      id,
      async () => {
        await endUserSession(userId, id);
        await reload();
        onChange();
      },
      texts.sessions.ended,
    );

  return (
    <>
      {refusal && (
        <p className="mb-4 text-sm text-danger" role="alert">
          {refusal}
        </p>
      )}
      <Outcome text={done} />
      {sessions.length === 0 && <p className="text-muted">{texts.sessions.none}</p>}
      <ul className="divide-y divide-separator">
        {sessions.map((session) => (
          <SessionRow
            isPending={pending === session.id}
            key={session.id}
            onEnd={() => void end(session.id)}
            session={session}
          />
        ))}
      </ul>
    </>
  );
}
