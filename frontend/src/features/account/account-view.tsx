"use client";

import { useState } from "react";
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
  failed,
}: {
  user: SignedIn;
  sessions: SessionRecord[] | undefined;
  activity: EventPage | undefined;
  /** What went wrong when a form was sent without a script. */
  failed?: string | undefined;
}) {
  const [revision, setRevision] = useState(0);
  const [passwords, setPasswords] = useState(0);
  const refresh = () => setRevision((held) => held + 1);
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
          failed={failed}
          onChange={() => {
            setPasswords((held) => held + 1);
            refresh();
          }}
        />
      </Section>
      <Section text={texts.activity.text} title={texts.activity.title}>
        <Activity initial={revision ? undefined : activity} key={revision} read={listActivity} />
      </Section>
      <Section text={texts.name.text} title={texts.name.title}>
        <NameForm name={user.name} />
      </Section>
      <Section text={texts.deletion.text} title={texts.deletion.title}>
        <DeleteAccount user={user} />
      </Section>
    </>
  );
}
