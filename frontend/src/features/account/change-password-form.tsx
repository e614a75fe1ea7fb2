"use client";

import { useState } from "react";
import type { SentForm } from "#client/failed-form.ts";
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

/** @param sent the form, where it was sent without a script */
export function ChangePasswordForm({
  email,
  sent,
  onChange,
}: {
  email: string;
  sent: SentForm | undefined;
  onChange: () => void;
}) {
  const [changes, setChanges] = useState(sent && !sent.failed ? 1 : 0);

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
        failed={sent?.failed}
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
