"use client";

import { useState } from "react";
import type { SignedIn } from "#contract/signed-in.ts";
import { Activity } from "#features/account/activity.tsx";
import { ChangePasswordForm } from "#features/account/change-password-form.tsx";
import { Sessions } from "#features/account/sessions.tsx";
import { Section } from "#ui/section.tsx";

export function AccountView({ user }: { user: SignedIn }) {
  const [revision, setRevision] = useState(0);
  const [passwords, setPasswords] = useState(0);
  const refresh = () => setRevision((held) => held + 1);
  return (
    <>
      <p className="-mt-4 mb-10 text-muted wrap-anywhere">
        {user.name}, {user.email}
      </p>
      <Section
        text="End a session, and its access token is refused at the next request, wherever it is used."
        title="Where you are signed in"
      >
        <Sessions key={passwords} onChange={refresh} />
      </Section>
      <Section text="A new password ends all your other sessions." title="Password">
        <ChangePasswordForm
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
    </>
  );
}
