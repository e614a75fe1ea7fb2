"use client";

import { useState } from "react";
import { requestPasswordReset } from "#client/session-api.ts";
import { EmailField } from "#features/auth/email-field.tsx";
import { validateEmail } from "#features/auth/validate.ts";
import { forgot as texts } from "#texts/auth.ts";
import * as forms from "#texts/forms.ts";
import { SubmitForm } from "#ui/form.tsx";
import { formErrorsOf } from "#ui/form-errors.ts";
import { Notice } from "#ui/notice.tsx";

const LABELS = { email: forms.email };

/** @param sent whether it has been sent without a script, to whomever
 * @param failed what went wrong then */
export function ForgotPasswordForm({ sent, failed }: { sent: boolean; failed?: string | undefined }) {
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

  if (sent || askedFor) {
    return (
      <Notice alert title={texts.sentTitle}>
        {texts.sent[0]}
        {askedFor ? <strong className="break-all">{askedFor}</strong> : texts.sent[1]}
        {texts.sent[2]}
      </Notice>
    );
  }
  return (
    <SubmitForm
      action="/api/forms/forgot-password"
      failed={failed}
      labels={LABELS}
      onSubmit={submit}
      pendingLabel={texts.pending}
      submitLabel={texts.submit}
    >
      <EmailField autoComplete="username" label={LABELS.email} />
    </SubmitForm>
  );
}
