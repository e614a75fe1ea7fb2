"use client";

import Link from "next/link";
import { useRouter } from "next/navigation";
import { useCallback, useState } from "react";
import type { EventPage, SessionRecord } from "#client/records.ts";
import { listUserActivity, type User } from "#features/admin/admin-api.ts";
import { UserActions } from "#features/admin/user-actions.tsx";
import { Suspension, UserChips } from "#features/admin/user-row.tsx";
import { UserSessions } from "#features/admin/user-sessions.tsx";
import * as texts from "#texts/admin.ts";
import { Activity } from "#ui/activity.tsx";
import { Section } from "#ui/section.tsx";
import { Time } from "#ui/time.tsx";

/** One user: who they are, where they are signed in, what happened to the account, and what can be done about it. */
export function UserView({
  user,
  isOwn,
  sessions,
  activity,
}: {
  user: User;
  isOwn: boolean;
  /** These two where the server had them. */
  sessions: SessionRecord[] | undefined;
  activity: EventPage | undefined;
}) {
  const router = useRouter();
  const [changes, setChanges] = useState(0);
  const [actions, setActions] = useState(0);
  const read = useCallback((after: string | null) => listUserActivity(user.id, after), [user.id]);
  const readAgain = () => setChanges((count) => count + 1);

  async function afterAction() {
    readAgain();
    // The sessions may have ended with it.
    setActions((count) => count + 1);
    router.refresh();
  }

  return (
    <>
      <p className="-mt-4 mb-10">
        <Link className="text-link text-sm" href="/admin">
          {texts.backToUsers}
        </Link>
      </p>
      <Details isOwn={isOwn} onChange={afterAction} user={user} />
      <Section text={texts.sessions.text} title={texts.sessions.title}>
        <UserSessions
          initial={actions ? undefined : sessions}
          key={actions}
          onChange={readAgain}
          userId={user.id}
        />
      </Section>
      <Section text={texts.activity.text} title={texts.activity.title}>
        <Activity initial={changes ? undefined : activity} key={changes} read={read} />
      </Section>
    </>
  );
}

/** Who they are, and what can be done to the account. */
function Details({ user, isOwn, onChange }: { user: User; isOwn: boolean; onChange: () => Promise<void> }) {
  return (
    <Section title={texts.details.title}>
      <div className="grid gap-5">
        <div>
          <p className="flex flex-wrap items-center gap-x-3 gap-y-1 font-semibold wrap-anywhere">
            {user.email}
            <UserChips isOwn={isOwn} user={user} />
          </p>
          <p className="mt-1 text-sm leading-6 text-muted">
            {texts.details.joined} <Time at={user.createdAt} />
          </p>
          <p className="text-sm leading-6 text-muted wrap-anywhere">
            {texts.details.id} <code className="font-mono text-[0.8125rem]">{user.id}</code>
          </p>
          <Suspension user={user} />
        </div>
        {!isOwn && (
          <UserActions onChange={onChange} onDeleted={() => location.assign("/admin")} user={user} />
        )}
      </div>
    </Section>
  );
}
