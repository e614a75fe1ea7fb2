"use client";

import { useEffect, useState } from "react";
import { isRefusal } from "#client/failure.ts";
import { resetPassword } from "#client/session-api.ts";
import { passwordErrors } from "#contract/password-rules.ts";
import { signInPath } from "#contract/return-to.ts";
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

const LABELS = { newPassword: "New password" };

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
    return (
      <Notice title="Open the link in your e-mail">
        This page works only by the link that was mailed to you. Open it again, or ask for a new one below.
      </Notice>
    );
  }
  return (
    <SubmitForm
      action="/reset-password"
      labels={LABELS}
      onSubmit={submit}
      pendingLabel="Setting…"
      submitLabel="Set the new password"
    >
      <PasswordField isNew label={LABELS.newPassword} name="newPassword" />
    </SubmitForm>
  );
}
