"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
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

export function NameForm({ name }: { name: string }) {
  const router = useRouter();
  const [done, setDone] = useState<string>();

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
