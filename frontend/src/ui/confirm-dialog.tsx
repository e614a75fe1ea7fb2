"use client";

import { AlertDialog, Button } from "@heroui/react";
import type { ReactNode } from "react";

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
  onConfirm: () => void;
  tone?: "danger" | "accent";
}) {
  return (
    <AlertDialog.Backdrop isKeyboardDismissDisabled={false} isOpen={isOpen} onOpenChange={onOpenChange}>
      <AlertDialog.Container>
        <AlertDialog.Dialog className="sm:max-w-md">
          <AlertDialog.Header>
            <AlertDialog.Heading className="font-display text-xl font-semibold">{title}</AlertDialog.Heading>
          </AlertDialog.Header>
          <AlertDialog.Body className="text-base leading-7 text-muted">{children}</AlertDialog.Body>
          <AlertDialog.Footer>
            <Button autoFocus onPress={() => onOpenChange(false)} variant="tertiary">
              Cancel
            </Button>
            <Button
              onPress={() => {
                onOpenChange(false);
                onConfirm();
              }}
              variant={tone === "danger" ? "danger" : "primary"}
            >
              {confirmLabel}
            </Button>
          </AlertDialog.Footer>
        </AlertDialog.Dialog>
      </AlertDialog.Container>
    </AlertDialog.Backdrop>
  );
}
