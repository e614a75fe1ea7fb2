"use client";

import { useState } from "react";
import { isRefusal } from "#client/failure.ts";
import { guarded } from "#client/guarded.ts";
import { replacingSession } from "#client/session-channel.ts";
import { passwordErrors } from "#contract/password-rules.ts";
import { changePassword } from "#features/account/account-api.ts";
import { password as texts } from "#texts/account.ts";
import { SubmitForm } from "#ui/form.tsx";
import { formErrorsOf, NO_ERRORS } from "#ui/form-errors.ts";
import { Outcome } from "#ui/outcome.tsx";
import { PasswordField } from "#ui/password-field.tsx";
import { UserName } from "#ui/user-name.tsx";

const LABELS = { currentPassword: texts.current, newPassword: texts.next };

/** @param failed what went wrong when it was sent without a script */
export function ChangePasswordForm({
  email,
  failed,
  onChange,
}: {
  email: string;
  failed?: string | undefined;
  onChange: () => void;
}) {
  const [changes, setChanges] = useState(0);

  async function submit(data: FormData) {
    const current = String(data.get("currentPassword"));
    const next = String(data.get("newPassword"));
    const unmet = passwordErrors(next).map(({ message }) => message);
    const fields = {
      ...(!current && { currentPassword: [texts.enterCurrent] }),
      ...(unmet.length > 0 && { newPassword: unmet }),
    };
    if (Object.keys(fields).length > 0) return { fields };
    try {
      await replacingSession(() => guarded(changePassword(current, next)));
    } catch (error) {
      if (isRefusal(error, "INVALID_PASSWORD")) {
        return { fields: { currentPassword: [texts.wrong] } };
      }
      return formErrorsOf(error, Object.keys(LABELS));
    }
    setChanges(changes + 1);
    onChange();
    return NO_ERRORS;
  }

  return (
    <div className="max-w-md">
      <Outcome key={`done-${changes}`} text={changes > 0 ? texts.changed : undefined} />
      <SubmitForm
        key={changes}
        action="/api/forms/change-password"
        failed={failed}
        labels={LABELS}
        onSubmit={submit}
        pendingLabel={texts.pending}
        submitLabel={texts.submit}
      >
        <UserName email={email} />
        <PasswordField label={LABELS.currentPassword} name="currentPassword" />
        <PasswordField isNew label={LABELS.newPassword} name="newPassword" />
      </SubmitForm>
    </div>
  );
}
