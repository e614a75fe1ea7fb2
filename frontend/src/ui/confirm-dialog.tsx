"use client";

import type { ReactNode } from "react";
import * as texts from "#texts/actions.ts";
import { Button } from "#ui/button.tsx";
import { Dialog } from "#ui/dialog.tsx";

/** Asks before something that can't be undone, or reaches far. */
export function ConfirmDialog({
  isOpen,
  onOpenChange,
  title,
  children,
  confirmLabel,
  onConfirm,
  tone = "danger",
}: {
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
  title: string;
  children: ReactNode;
  confirmLabel: string;
  /** Called once the dialog is closed, and has given the focus back. */
  onConfirm: () => void;
  tone?: "danger" | "accent";
}) {
  return (
    <Dialog isOpen={isOpen} onOpenChange={onOpenChange} role="alertdialog" title={title}>
      {(close) => (
        <>
          <div className="text-base leading-7 text-muted">{children}</div>
          <div className="flex flex-wrap justify-end gap-2 pt-2">
            <Button onClick={close} variant="tertiary">
              {texts.cancel}
            </Button>
            <Button
              onClick={() => {
                close();
                onConfirm();
              }}
              variant={tone === "danger" ? "danger" : "primary"}
            >
              {confirmLabel}
            </Button>
          </div>
        </>
      )}
    </Dialog>
  );
}
