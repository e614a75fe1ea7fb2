"use client";

import { useState } from "react";
import { forgetDrafts } from "#client/drafts.ts";
import { isRefusal } from "#client/failure.ts";
import { guarded } from "#client/guarded.ts";
import { signingOut } from "#client/session-channel.ts";
import { signInPath } from "#contract/return-to.ts";
import type { SignedIn } from "#contract/signed-in.ts";
import { deleteAccount } from "#features/account/account-api.ts";
import { Button } from "#ui/button.tsx";
import { Dialog } from "#ui/dialog.tsx";
import { SubmitForm } from "#ui/form.tsx";
import { formErrorsOf } from "#ui/form-errors.ts";
import { PasswordField } from "#ui/password-field.tsx";
import { UserName } from "#ui/user-name.tsx";

const LABELS = { password: "Your password" };

/** The end of an account, after the password was given once more. */
export function DeleteAccount({ user }: { user: SignedIn }) {
  const [isOpen, setOpen] = useState(false);

  async function submit(data: FormData) {
    const password = String(data.get("password"));
    if (!password) return { fields: { password: ["Enter your password."] } };
    try {
      await signingOut(() => guarded(deleteAccount(password)));
    } catch (error) {
      if (isRefusal(error, "INVALID_PASSWORD"))
        return { fields: { password: ["That is not your password. Check it, then try again."] } };
      return formErrorsOf(error, Object.keys(LABELS));
    }
    forgetDrafts(user.id);
    location.assign(signInPath({ reason: "account_deleted" }));
    return undefined;
  }

  return (
    <>
      <Button onClick={() => setOpen(true)} variant="danger-soft">
        Delete account
      </Button>
      <Dialog isOpen={isOpen} onOpenChange={setOpen} title="Delete your account?">
        {(close) => (
          <>
            <p className="text-base leading-7 text-muted">
              Your notes are deleted with it, and you are signed out everywhere. This can’t be undone.
            </p>
            <SubmitForm
              action="/account"
              labels={LABELS}
              onSubmit={submit}
              pendingLabel="Deleting…"
              submitLabel="Delete my account"
              tone="danger"
            >
              <UserName email={user.email} />
              <PasswordField label={LABELS.password} />
            </SubmitForm>
            <Button className="w-full" onClick={close} variant="tertiary">
              Cancel
            </Button>
          </>
        )}
      </Dialog>
    </>
  );
}
