"use client";

import { EmailField } from "#features/auth/email-field.tsx";
import { PasswordField } from "#features/auth/password-field.tsx";
import { safeReturnTo } from "#features/auth/return-to.ts";
import { signIn } from "#features/auth/session.ts";
import { validateSignIn } from "#features/auth/validate.ts";
import { SubmitForm } from "#features/ui/form.tsx";
import { formErrorsOf } from "#features/ui/form-errors.ts";

const LABELS = { email: "E-mail address", password: "Password" };

export function SignInForm() {
  async function submit(data: FormData) {
    const entry = { email: String(data.get("email")).trim(), password: String(data.get("password")) };
    const fields = validateSignIn(entry);
    if (Object.keys(fields).length > 0) return { fields };
    try {
      await signIn(entry);
    } catch (error) {
      return formErrorsOf(error, Object.keys(LABELS));
    }
    location.assign(safeReturnTo(new URLSearchParams(location.search).get("return_to")));
    return undefined;
  }

  return (
    <SubmitForm labels={LABELS} onSubmit={submit} pendingLabel="Signing in…" submitLabel="Sign in">
      <EmailField autoComplete="username" label={LABELS.email} />
      <PasswordField label={LABELS.password} />
    </SubmitForm>
  );
}
