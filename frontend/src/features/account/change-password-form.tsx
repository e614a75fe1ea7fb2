"use client";

import { useState } from "react";
import { isRefusal } from "#client/failure.ts";
import { guarded } from "#client/guarded.ts";
import { replacingSession } from "#client/session-channel.ts";
import { passwordErrors } from "#contract/password-rules.ts";
import { changePassword } from "#features/account/account-api.ts";
import { SubmitForm } from "#ui/form.tsx";
import { formErrorsOf, NO_ERRORS } from "#ui/form-errors.ts";
import { Outcome } from "#ui/outcome.tsx";
import { PasswordField } from "#ui/password-field.tsx";
import { UserName } from "#ui/user-name.tsx";

const LABELS = { currentPassword: "Current password", newPassword: "New password" };

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
      ...(!current && { currentPassword: ["Enter your current password."] }),
      ...(unmet.length > 0 && { newPassword: unmet }),
    };
    if (Object.keys(fields).length > 0) return { fields };
    try {
      await replacingSession(() => guarded(changePassword(current, next)));
    } catch (error) {
      if (isRefusal(error, "INVALID_PASSWORD")) {
        return {
          fields: { currentPassword: ["That is not your current password. Check it, then try again."] },
        };
      }
      return formErrorsOf(error, Object.keys(LABELS));
    }
    setChanges(changes + 1);
    onChange();
    return NO_ERRORS;
  }

  return (
    <div className="max-w-md">
      <Outcome
        key={`done-${changes}`}
        text={changes > 0 ? "Your password has changed. Every other session has ended." : undefined}
      />
      <SubmitForm
        key={changes}
        action="/api/forms/change-password"
        failed={failed}
        labels={LABELS}
        onSubmit={submit}
        pendingLabel="Changing…"
        submitLabel="Change password"
      >
        <UserName email={email} />
        <PasswordField label={LABELS.currentPassword} name="currentPassword" />
        <PasswordField isNew label={LABELS.newPassword} name="newPassword" />
      </SubmitForm>
    </div>
  );
}
