"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { guarded } from "#client/guarded.ts";
import { setName } from "#features/account/account-api.ts";
import { SubmitForm } from "#ui/form.tsx";
import { formErrorsOf, NO_ERRORS } from "#ui/form-errors.ts";
import { Outcome } from "#ui/outcome.tsx";
import { TextField } from "#ui/text-field.tsx";

const LABELS = { name: "Name" };

export function NameForm({ name }: { name: string }) {
  const router = useRouter();
  const [done, setDone] = useState<string>();

  async function submit(data: FormData) {
    const next = String(data.get("name")).trim();
    setDone(undefined);
    if (!next) return { fields: { name: ["Enter your name."] } };
    try {
      await guarded(setName(next));
    } catch (error) {
      return formErrorsOf(error, Object.keys(LABELS));
    }
    setDone("Your name is saved.");
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
        pendingLabel="Saving…"
        submitLabel="Save name"
      >
        <TextField autoComplete="name" defaultValue={name} label={LABELS.name} name="name" required />
      </SubmitForm>
    </div>
  );
}
