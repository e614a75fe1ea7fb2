"use client";

import { type ComponentProps, type ReactNode, useState } from "react";
import { Button } from "#ui/button.tsx";
import { ConfirmDialog } from "#ui/confirm-dialog.tsx";

type Props = Omit<ComponentProps<typeof Button>, "children" | "onClick" | "title"> &
  Pick<ComponentProps<typeof ConfirmDialog>, "onConfirm" | "tone"> & {
    label: string;
    /** What the dialog's own button says; by default the same. */
    confirmLabel?: string;
    /** The question. */
    title: string;
    /** Called when the question is answered with yes. */
    children: ReactNode;
  };

/** A button that asks for confirmation before it does something that can't be undone or affects much. */
export function ConfirmButton({
  label,
  confirmLabel = label,
  title,
  tone,
  onConfirm,
  children,
  ...button
}: Props) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button {...button} onClick={() => setOpen(true)}>
        {label}
      </Button>
      <ConfirmDialog
        confirmLabel={confirmLabel}
        isOpen={isOpen}
        onConfirm={onConfirm}
        onOpenChange={setOpen}
        title={title}
        {...(tone && { tone })}
      >
        {children}
      </ConfirmDialog>
    </>
  );
}
