"use client";

import { Button, FieldError, Input, Label, Modal, TextField } from "@heroui/react";
import { type FormEvent, useId, useState } from "react";

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
  const [isMissing, setMissing] = useState(false);
  const term = useId();

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const reason = String(data.get("reason")).trim();
    setMissing(!reason);
    if (!reason) return;
    onOpenChange(false);
    onConfirm(reason, TERMS[Number(data.get("term"))]?.[1]);
  }

  return (
    <Modal.Backdrop isOpen={isOpen} onOpenChange={onOpenChange}>
      <Modal.Container>
        <Modal.Dialog className="sm:max-w-md">
          <form className="flex flex-col gap-5" onSubmit={submit}>
            <Modal.Header>
              <Modal.Heading className="font-display text-xl font-semibold">Suspend {name}?</Modal.Heading>
            </Modal.Header>
            <Modal.Body className="flex flex-col gap-5 overflow-visible">
              <p className="text-base leading-7 text-muted">
                All sessions end at once, and signing in is refused until the term is over.
              </p>
              <TextField
                autoComplete="off"
                className="gap-1.5"
                fullWidth
                isInvalid={isMissing}
                name="reason"
                validationBehavior="aria"
              >
                <Label>Reason, for the record</Label>
                <Input autoFocus maxLength={200} />
                <FieldError>Give a reason.</FieldError>
              </TextField>
              <div className="flex flex-col gap-1.5">
                <label className="text-sm font-medium text-foreground" htmlFor={term}>
                  Term
                </label>
                <select className="input w-full" defaultValue="1" id={term} name="term">
                  {TERMS.map(([label], index) => (
                    <option key={label} value={index}>
                      {label}
                    </option>
                  ))}
                </select>
              </div>
            </Modal.Body>
            <Modal.Footer>
              <Button onPress={() => onOpenChange(false)} variant="tertiary">
                Cancel
              </Button>
              <Button type="submit" variant="danger">
                Suspend
              </Button>
            </Modal.Footer>
          </form>
        </Modal.Dialog>
      </Modal.Container>
    </Modal.Backdrop>
  );
}
