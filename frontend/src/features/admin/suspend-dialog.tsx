"use client";

import { type FormEvent, useId, useState } from "react";
import { Button } from "#ui/button.tsx";
import { Dialog } from "#ui/dialog.tsx";
import { FormErrorsContext, useFormErrors } from "#ui/field-errors.ts";
import { TextField } from "#ui/text-field.tsx";

const DAY = 86_400;
const TERMS = [
  ["1 day", DAY],
  ["1 week", 7 * DAY],
  ["30 days", 30 * DAY],
  ["Until lifted", undefined],
] as const;

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
  /** @param seconds the term; undefined until it is lifted */
  onConfirm: (reason: string, seconds: number | undefined) => void;
}) {
  return (
    <Dialog isOpen={isOpen} onOpenChange={onOpenChange} title={`Suspend ${name}?`}>
      {(close) => <SuspendForm close={close} onConfirm={onConfirm} />}
    </Dialog>
  );
}

function SuspendForm({
  close,
  onConfirm,
}: {
  close: () => void;
  onConfirm: (reason: string, seconds: number | undefined) => void;
}) {
  const formErrors = useFormErrors();
  const [reason, setReason] = useState("");
  const term = useId();

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (!reason.trim()) return formErrors.show({ fields: { reason: ["Give a reason."] } });
    const chosen = TERMS[Number(new FormData(event.currentTarget).get("term"))]?.[1];
    close();
    onConfirm(reason.trim(), chosen);
  }

  return (
    <form className="flex flex-col gap-5" noValidate onSubmit={submit}>
      <p className="text-base leading-7 text-muted">
        All sessions end at once, and signing in is refused until the term is over.
      </p>
      <FormErrorsContext value={formErrors}>
        <TextField
          autoComplete="off"
          label="Reason, for the record"
          maxLength={200}
          name="reason"
          onChange={setReason}
          required
        />
      </FormErrorsContext>
      <div className="flex flex-col gap-1.5">
        <label className="w-fit text-sm font-medium" htmlFor={term}>
          Term
        </label>
        <select className="input input--full-width" defaultValue="1" id={term} name="term">
          {TERMS.map(([label], index) => (
            <option key={label} value={index}>
              {label}
            </option>
          ))}
        </select>
      </div>
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={close} variant="tertiary">
          Cancel
        </Button>
        <Button type="submit" variant="danger">
          Suspend
        </Button>
      </div>
    </form>
  );
}
