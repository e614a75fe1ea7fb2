"use client";

import { useState } from "react";
import type { SignedIn } from "#contract/signed-in.ts";
import { Activity } from "#features/account/activity.tsx";
import { ChangePasswordForm } from "#features/account/change-password-form.tsx";
import { DeleteAccount } from "#features/account/delete-account.tsx";
import { NameForm } from "#features/account/name-form.tsx";
import { Sessions } from "#features/account/sessions.tsx";
import { Section } from "#ui/section.tsx";

export function AccountView({ user, failed }: { user: SignedIn; failed?: string | undefined }) {
  const [revision, setRevision] = useState(0);
  const [passwords, setPasswords] = useState(0);
  const refresh = () => setRevision((held) => held + 1);
  return (
    <>
      <p className="-mt-4 mb-10 text-muted wrap-anywhere">
        <bdi>{user.name}</bdi>, {user.email}
      </p>
      <Section
        text="End a session, and its access token is refused at the next request, wherever it is used."
        title="Where you are signed in"
      >
        <Sessions key={passwords} onChange={refresh} />
      </Section>
      <Section id="password" text="A new password ends all your other sessions." title="Password">
        <ChangePasswordForm
          email={user.email}
          failed={failed}
          onChange={() => {
            setPasswords((held) => held + 1);
            refresh();
          }}
        />
      </Section>
      <Section
        text="Something here that wasn't you? End that session and change your password."
        title="Recent activity"
      >
        <Activity key={revision} />
      </Section>
      <Section text="How you are called here, and to the API." title="Name">
        <NameForm name={user.name} />
      </Section>
      <Section text="With your notes, for good." title="Delete account">
        <DeleteAccount user={user} />
      </Section>
    </>
  );
}
