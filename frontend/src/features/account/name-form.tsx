"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import type { SentForm } from "#client/failed-form.ts";
import { guarded } from "#client/guarded.ts";
import { setName } from "#features/account/account-api.ts";
import { name as texts } from "#texts/account.ts";
import * as actions from "#texts/actions.ts";
import * as forms from "#texts/forms.ts";
import { SubmitForm } from "#ui/form.tsx";
import { formErrorsOf, NO_ERRORS } from "#ui/form-errors.ts";
import { Outcome } from "#ui/outcome.tsx";
import { TextField } from "#ui/text-field.tsx";

const LABELS = { name: forms.name };

/** @param sent the form, where it was sent without a script */
export function NameForm({ name, sent }: { name: string; sent: SentForm | undefined }) {
  const router = useRouter();
  const [done, setDone] = useState(sent && !sent.failed ? texts.saved : undefined);

  async function submit(data: FormData) {
    const next = String(data.get("name")).trim();
    setDone(undefined);
    if (!next) return { fields: { name: [forms.enterName] } };
    try {
      await guarded(setName(next));
    } catch (error) {
      return formErrorsOf(error, Object.keys(LABELS));
    }
    setDone(texts.saved);
    router.refresh();
    return NO_ERRORS;
  }

  return (
    <div className="max-w-md">
      <Outcome text={done} />
      <SubmitForm
        action="/api/forms/name"
        failed={sent?.failed}
        labels={LABELS}
        onSubmit={submit}
        pendingLabel={actions.saving}
        submitLabel={texts.submit}
      >
        <TextField autoComplete="name" defaultValue={name} label={LABELS.name} name="name" required />
      </SubmitForm>
    </div>
  );
}
