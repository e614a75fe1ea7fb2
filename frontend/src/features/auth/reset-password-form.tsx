"use client";

import { useEffect, useState } from "react";
import { isRefusal } from "#client/failure.ts";
import { resetPassword } from "#client/session-api.ts";
import { passwordErrors } from "#contract/password-rules.ts";
import { signInPath } from "#contract/return-to.ts";
import { reset as texts } from "#texts/auth.ts";
import * as forms from "#texts/forms.ts";
import { SubmitForm } from "#ui/form.tsx";
import { formErrorsOf } from "#ui/form-errors.ts";
import { Notice } from "#ui/notice.tsx";
import { PasswordField } from "#ui/password-field.tsx";

/** Where this tab keeps the link's secret until it is used, so that a reload does not lose it. */
const STORED = "reset-token";

function keepToken(token: string | null): void {
  try {
    if (token === null) sessionStorage.removeItem(STORED);
    else sessionStorage.setItem(STORED, token);
  } catch {
    // No storage: a reload needs the link again.
  }
}

function keptToken(): string | null {
  try {
    return sessionStorage.getItem(STORED);
  } catch {
    return null;
  }
}

const LABELS = { newPassword: forms.newPassword };

export function ResetPasswordForm() {
  const [token, setToken] = useState<string | null>();

  useEffect(() => {
    if (location.hash) {
      keepToken(location.hash.slice(1));
      // Not to stay in the address bar, nor in the history.
      history.replaceState(history.state, "", location.pathname);
    }
    setToken(keptToken());
  }, []);

  async function submit(data: FormData) {
    const newPassword = String(data.get("newPassword"));
    const unmet = passwordErrors(newPassword).map(({ message }) => message);
    if (unmet.length > 0) return { fields: { newPassword: unmet } };
    try {
      await resetPassword(token ?? "", newPassword);
      keepToken(null);
    } catch (error) {
      if (isRefusal(error, "link_invalid")) keepToken(null);
      return formErrorsOf(error, Object.keys(LABELS));
    }
    location.assign(signInPath({ reason: "password_set" }));
    return undefined;
  }

  // The link's secret is behind its `#`, which no server is told: here it takes a script.
  if (token === null) {
    return <Notice title={texts.noLinkTitle}>{texts.noLink}</Notice>;
  }
  return (
    <SubmitForm
      action="/reset-password"
      labels={LABELS}
      onSubmit={submit}
      pendingLabel={texts.pending}
      submitLabel={texts.submit}
    >
      <PasswordField isNew label={LABELS.newPassword} name="newPassword" />
    </SubmitForm>
  );
}
