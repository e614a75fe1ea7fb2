"use client";

import { type ReactNode, useEffect, useId, useRef } from "react";

/** A modal dialog: the browser's own, which keeps the focus in it, closes on Escape and gives the focus back.
 * `children` gets a function that closes it; call that before moving the focus elsewhere. */
export function Dialog({
  isOpen,
  onOpenChange,
  title,
  role,
  children,
}: {
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
  title: string;
  role?: "alertdialog";
  children: (close: () => void) => ReactNode;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();

  useEffect(() => {
    if (isOpen && !dialog.current?.open) dialog.current?.showModal();
    if (!isOpen && dialog.current?.open) dialog.current.close();
  }, [isOpen]);

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape does the same, by the browser itself
    <dialog
      aria-labelledby={heading}
      className="dialog"
      onClick={({ target, currentTarget }) => target === currentTarget && currentTarget.close()}
      onClose={() => onOpenChange(false)}
      ref={dialog}
      role={role}
    >
      {isOpen && (
        <div className="grid gap-4 p-6 wrap-anywhere">
          <h2 className="font-display text-xl font-semibold" id={heading}>
            {title}
          </h2>
          {children(() => dialog.current?.close())}
        </div>
      )}
    </dialog>
  );
}
