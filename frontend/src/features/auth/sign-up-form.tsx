"use client";

import { useRef } from "react";
import { EmailField } from "#features/auth/email-field.tsx";
import { PasswordField } from "#features/auth/password-field.tsx";
import { safeReturnTo } from "#features/auth/return-to.ts";
import { signUp } from "#features/auth/session.ts";
import { validateSignUp } from "#features/auth/validate.ts";
import { SubmitForm } from "#features/ui/form.tsx";
import { formErrorsOf } from "#features/ui/form-errors.ts";
import { TextField } from "#features/ui/text-field.tsx";
import { isOutcomeUnknown, isRefusal } from "#lib/failure.ts";
import { sentenceFor } from "#lib/messages.ts";

const LABELS = { name: "Name", email: "E-mail address", password: "Password" };

export function SignUpForm() {
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
      await signUp(entry, unanswered.current === entry.email);
    } catch (error) {
      if (isOutcomeUnknown(error)) unanswered.current = entry.email;
      if (isRefusal(error, "email_taken")) return { fields: { email: [sentenceFor(error)] } };
      return formErrorsOf(error, Object.keys(LABELS));
    }
    location.assign(safeReturnTo(new URLSearchParams(location.search).get("return_to")));
    return undefined;
  }

  return (
    <SubmitForm
      labels={LABELS}
      onSubmit={submit}
      pendingLabel="Creating your account…"
      submitLabel="Create account"
    >
      <TextField autoComplete="name" isRequired label={LABELS.name} name="name" />
      <EmailField autoComplete="email" label={LABELS.email} />
      <PasswordField isNew label={LABELS.password} />
    </SubmitForm>
  );
}
