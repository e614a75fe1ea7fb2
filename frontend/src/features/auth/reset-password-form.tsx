"use client";

import { useEffect, useRef } from "react";
import { resetPassword } from "#client/session-api.ts";
import { passwordErrors } from "#contract/password-rules.ts";
import { signInPath } from "#contract/return-to.ts";
import { SubmitForm } from "#ui/form.tsx";
import { formErrorsOf } from "#ui/form-errors.ts";
import { PasswordField } from "#ui/password-field.tsx";

const LABELS = { newPassword: "New password" };

export function ResetPasswordForm() {
  const token = useRef("");

  useEffect(() => {
    if (!location.hash) return;
    token.current = location.hash.slice(1);
    // Not to stay in the address bar, nor in the history.
    history.replaceState(history.state, "", location.pathname);
  }, []);

  async function submit(data: FormData) {
    const newPassword = String(data.get("newPassword"));
    const unmet = passwordErrors(newPassword).map(({ message }) => message);
    if (unmet.length > 0) return { fields: { newPassword: unmet } };
    try {
      await resetPassword(token.current, newPassword);
    } catch (error) {
      return formErrorsOf(error, Object.keys(LABELS));
    }
    location.assign(signInPath({ reason: "password_set" }));
    return undefined;
  }

  return (
    <SubmitForm labels={LABELS} onSubmit={submit} pendingLabel="Setting…" submitLabel="Set the new password">
      <PasswordField isNew label={LABELS.newPassword} name="newPassword" />
    </SubmitForm>
  );
}
