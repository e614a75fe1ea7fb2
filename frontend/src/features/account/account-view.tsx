"use client";

import { useEffect, useState } from "react";
import type { SentForm } from "#client/failed-form.ts";
import type { EventPage, SessionRecord } from "#client/records.ts";
import type { SignedIn } from "#contract/signed-in.ts";
import { listActivity } from "#features/account/account-api.ts";
import { ChangePasswordForm } from "#features/account/change-password-form.tsx";
import { DeleteAccount } from "#features/account/delete-account.tsx";
import { NameForm } from "#features/account/name-form.tsx";
import { Sessions } from "#features/account/sessions.tsx";
import * as texts from "#texts/account.ts";
import { Activity } from "#ui/activity.tsx";
import { Section } from "#ui/section.tsx";

/** The account page; with `sessions` and `activity` where the server had them. */
export function AccountView({
  user,
  sessions,
  activity,
  sent,
}: {
  user: SignedIn;
  sessions: SessionRecord[] | undefined;
  activity: EventPage | undefined;
  /** The form that led here, where it was sent without a script. */
  sent: SentForm | undefined;
}) {
  const [revision, setRevision] = useState(0);
  const [passwords, setPasswords] = useState(0);
  const refresh = () => setRevision((held) => held + 1);
  const sentAs = (form: string) => (sent?.form === form ? sent : undefined);

  useEffect(() => {
    // Not to be said again after a reload.
    if (sent) history.replaceState(history.state, "", location.pathname);
  }, [sent]);

  return (
    <>
      <p className="-mt-4 mb-10 text-muted wrap-anywhere">
        <bdi>{user.name}</bdi>, {user.email}
      </p>
      <Section text={texts.sessions.text} title={texts.sessions.title}>
        <Sessions initial={passwords ? undefined : sessions} key={passwords} onChange={refresh} />
      </Section>
      <Section id="password" text={texts.password.text} title={texts.password.title}>
        <ChangePasswordForm
          email={user.email}
          onChange={() => {
            setPasswords((held) => held + 1);
            refresh();
          }}
          sent={sentAs("change-password")}
        />
      </Section>
      <Section text={texts.activity.text} title={texts.activity.title}>
        <Activity initial={revision ? undefined : activity} key={revision} read={listActivity} />
      </Section>
      <Section text={texts.name.text} title={texts.name.title}>
        <NameForm name={user.name} sent={sentAs("name")} />
      </Section>
      <Section text={texts.deletion.text} title={texts.deletion.title}>
        <DeleteAccount user={user} />
      </Section>
    </>
  );
}
