"use client";

import { useState } from "react";
import { forgetDrafts } from "#client/drafts.ts";
import { isRefusal } from "#client/failure.ts";
import { guarded } from "#client/guarded.ts";
import { signingOut } from "#client/session-channel.ts";
import { signInPath } from "#contract/return-to.ts";
import type { SignedIn } from "#contract/signed-in.ts";
import { deleteAccount } from "#features/account/account-api.ts";
import { deletion as texts } from "#texts/account.ts";
import * as actions from "#texts/actions.ts";
import { enterPassword } from "#texts/forms.ts";
import { Button } from "#ui/button.tsx";
import { Dialog } from "#ui/dialog.tsx";
import { SubmitForm } from "#ui/form.tsx";
import { formErrorsOf } from "#ui/form-errors.ts";
import { PasswordField } from "#ui/password-field.tsx";
import { UserName } from "#ui/user-name.tsx";

const LABELS = { password: texts.password };

/** The end of an account, after the password was given once more. */
export function DeleteAccount({ user }: { user: SignedIn }) {
  const [isOpen, setOpen] = useState(false);

  async function submit(data: FormData) {
    const password = String(data.get("password"));
    if (!password) return { fields: { password: [enterPassword] } };
    try {
      await signingOut(() => guarded(deleteAccount(password)));
    } catch (error) {
      if (isRefusal(error, "INVALID_PASSWORD")) return { fields: { password: [texts.wrong] } };
      return formErrorsOf(error, Object.keys(LABELS));
    }
    forgetDrafts(user.id);
    location.assign(signInPath({ reason: "account_deleted" }));
    return undefined;
  }

  return (
    <>
      <Button onClick={() => setOpen(true)} variant="danger-soft">
        {texts.open}
      </Button>
      <Dialog isOpen={isOpen} onOpenChange={setOpen} title={texts.question}>
        {(close) => (
          <>
            <p className="text-base leading-7 text-muted">{texts.explanation}</p>
            <SubmitForm
              action="/account"
              labels={LABELS}
              onSubmit={submit}
              pendingLabel={texts.pending}
              submitLabel={texts.submit}
              tone="danger"
            >
              <UserName email={user.email} />
              <PasswordField label={LABELS.password} />
            </SubmitForm>
            <Button className="w-full" onClick={close} variant="tertiary">
              {actions.cancel}
            </Button>
          </>
        )}
      </Dialog>
    </>
  );
}
