"use client";

import { signIn } from "#client/session-api.ts";
import { signingIn } from "#client/session-channel.ts";
import { safeReturnTo } from "#contract/return-to.ts";
import { EmailField, forgetEmail } from "#features/auth/email-field.tsx";
import { validateSignIn } from "#features/auth/validate.ts";
import { signIn as texts } from "#texts/auth.ts";
import * as forms from "#texts/forms.ts";
import { SubmitForm } from "#ui/form.tsx";
import { formErrorsOf } from "#ui/form-errors.ts";
import { PasswordField } from "#ui/password-field.tsx";

const LABELS = { email: forms.email, password: forms.password };

export function SignInForm({ failed }: { failed?: string | undefined }) {
  async function submit(data: FormData) {
    const entry = { email: String(data.get("email")).trim(), password: String(data.get("password")) };
    const fields = validateSignIn(entry);
    if (Object.keys(fields).length > 0) return { fields };
    try {
      await signingIn(() => signIn(entry));
    } catch (error) {
      return formErrorsOf(error, Object.keys(LABELS));
    }
    forgetEmail();
    // In place of this page: going back must not lead to a form for somebody who is signed in.
    location.replace(safeReturnTo(new URLSearchParams(location.search).get("return_to")));
    return undefined;
  }

  return (
    <SubmitForm
      action="/api/forms/sign-in"
      failed={failed}
      labels={LABELS}
      onSubmit={submit}
      pendingLabel={texts.pending}
      submitLabel={texts.submit}
    >
      <EmailField autoComplete="username" label={LABELS.email} />
      <PasswordField label={LABELS.password} />
    </SubmitForm>
  );
}
