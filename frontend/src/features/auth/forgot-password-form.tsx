"use client";

import { useState } from "react";
import { requestPasswordReset } from "#client/session-api.ts";
import { EmailField } from "#features/auth/email-field.tsx";
import { validateEmail } from "#features/auth/validate.ts";
import { SubmitForm } from "#ui/form.tsx";
import { formErrorsOf } from "#ui/form-errors.ts";
import { Notice } from "#ui/notice.tsx";

const LABELS = { email: "E-mail address" };

export function ForgotPasswordForm() {
  const [askedFor, setAskedFor] = useState<string>();

  async function submit(data: FormData) {
    const email = String(data.get("email")).trim();
    const fields = validateEmail(email);
    if (Object.keys(fields).length > 0) return { fields };
    try {
      await requestPasswordReset(email);
    } catch (error) {
      return formErrorsOf(error, Object.keys(LABELS));
    }
    setAskedFor(email);
    return undefined;
  }

  if (askedFor) {
    return (
      <Notice alert title="Look into your inbox">
        If there is an account for <strong className="break-all">{askedFor}</strong>, a link to set a new
        password is on its way there. It can take a minute; look among the unwanted messages too.
      </Notice>
    );
  }
  return (
    <SubmitForm labels={LABELS} onSubmit={submit} pendingLabel="Sending…" submitLabel="Send the link">
      <EmailField autoComplete="username" label={LABELS.email} />
    </SubmitForm>
  );
}
