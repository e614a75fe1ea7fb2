"use client";

import { type FormEvent, useId, useState } from "react";
import * as actions from "#texts/actions.ts";
import * as texts from "#texts/admin.ts";
import { Button } from "#ui/button.tsx";
import { Dialog } from "#ui/dialog.tsx";
import { FormErrorsContext, useFormErrors } from "#ui/field-errors.ts";
import { TextField } from "#ui/text-field.tsx";

const DAY = 86_400;
const TERMS = [
  [texts.terms.day, DAY],
  [texts.terms.week, 7 * DAY],
  [texts.terms.month, 30 * DAY],
  [texts.terms.open, undefined],
] as const;

/** @param seconds the term; undefined until it is lifted */
type OnConfirm = (reason: string, seconds: number | undefined) => void;

/** Asks for the reason and the term of a suspension. */
export function SuspendDialog({
  isOpen,
  onOpenChange,
  name,
  onConfirm,
}: {
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
  name: string;
  onConfirm: OnConfirm;
}) {
  return (
    <Dialog isOpen={isOpen} onOpenChange={onOpenChange} title={texts.suspendTitle(name)}>
      {(close) => <SuspendForm close={close} onConfirm={onConfirm} />}
    </Dialog>
  );
}

function SuspendForm({ close, onConfirm }: { close: () => void; onConfirm: OnConfirm }) {
  const formErrors = useFormErrors();
  const [reason, setReason] = useState("");

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (!reason.trim()) return formErrors.show({ fields: { reason: [texts.enterReason] } });
    const chosen = TERMS[Number(new FormData(event.currentTarget).get("term"))]?.[1];
    close();
    onConfirm(reason.trim(), chosen);
  }

  return (
    <form className="flex flex-col gap-5" noValidate onSubmit={submit}>
      <p className="text-base leading-7 text-muted">{texts.suspendText}</p>
      <FormErrorsContext value={formErrors}>
        <TextField
          autoComplete="off"
          label={texts.reason}
          maxLength={200}
          name="reason"
          onChange={setReason}
          required
        />
      </FormErrorsContext>
      <TermField />
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={close} variant="tertiary">
          {actions.cancel}
        </Button>
        <Button type="submit" variant="danger">
          {texts.suspend}
        </Button>
      </div>
    </form>
  );
}

/** The index of one of TERMS, under the name `term`. */
function TermField() {
  const id = useId();
  return (
    <div className="flex flex-col gap-1.5">
      <label className="w-fit text-sm font-medium" htmlFor={id}>
        {texts.term}
      </label>
      <select className="input input--full-width" defaultValue="1" id={id} name="term">
        {TERMS.map(([label], index) => (
          <option key={label} value={index}>
            {label}
          </option>
        ))}
      </select>
    </div>
  );
}
