"use client";

import { useRef } from "react";
import { isOutcomeUnknown, isRefusal } from "#client/failure.ts";
import { sentenceFor } from "#client/messages.ts";
import { signUp } from "#client/session-api.ts";
import { signingIn } from "#client/session-channel.ts";
import { safeReturnTo } from "#contract/return-to.ts";
import { EmailField, forgetEmail } from "#features/auth/email-field.tsx";
import { validateSignUp } from "#features/auth/validate.ts";
import { signUp as texts } from "#texts/auth.ts";
import * as forms from "#texts/forms.ts";
import { SubmitForm } from "#ui/form.tsx";
import { formErrorsOf } from "#ui/form-errors.ts";
import { PasswordField } from "#ui/password-field.tsx";
import { TextField } from "#ui/text-field.tsx";

const LABELS = { name: forms.name, email: forms.email, password: forms.password };

export function SignUpForm({ failed }: { failed?: string | undefined }) {
  const unanswered = useRef<string>(undefined);

  async function submit(data: FormData) {
    const entry = {
      name: String(data.get("name")).trim(),
      email: String(data.get("email")).trim(),
      password: String(data.get("password")),
    };
    const fields = validateSignUp(entry);
    if (Object.keys(fields).length > 0) return { fields };
    try {
      await signingIn(() => signUp(entry, unanswered.current === entry.email));
    } catch (error) {
      if (isOutcomeUnknown(error)) unanswered.current = entry.email;
      if (isRefusal(error, "email_taken")) return { fields: { email: [sentenceFor(error)] } };
      return formErrorsOf(error, Object.keys(LABELS));
    }
    forgetEmail();
    // In place of this page: going back must not lead to a form for somebody who is signed in.
    location.replace(safeReturnTo(new URLSearchParams(location.search).get("return_to")));
    return undefined;
  }

  return (
    <SubmitForm
      action="/api/forms/sign-up"
      failed={failed}
      labels={LABELS}
      onSubmit={submit}
      pendingLabel={texts.pending}
      submitLabel={texts.submit}
    >
      <TextField autoComplete="name" label={LABELS.name} name="name" required />
      <EmailField autoComplete="email" label={LABELS.email} />
      <PasswordField isNew label={LABELS.password} />
    </SubmitForm>
  );
}
