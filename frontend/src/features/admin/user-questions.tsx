"use client";

import { isAdministrator } from "#contract/signed-in.ts";
import type { User } from "#features/admin/admin-api.ts";
import { SuspendDialog } from "#features/admin/suspend-dialog.tsx";
import * as texts from "#texts/admin.ts";
import { ConfirmDialog } from "#ui/confirm-dialog.tsx";

export type Question = "role" | "suspend" | "sessions" | "delete";

/** The dialogs that ask before something is done to a user; `question` is the one that is open. */
export function UserQuestions({
  user,
  question,
  setQuestion,
  onRole,
  onEndSessions,
  onSuspend,
  onDelete,
}: {
  user: User;
  question: Question | undefined;
  setQuestion: (question: Question | undefined) => void;
  onRole: () => void;
  onEndSessions: () => void;
  onSuspend: (reason: string, seconds: number | undefined) => void;
  onDelete: () => void;
}) {
  const isAdmin = isAdministrator(user);
  const { name } = user;
  const ask = (which: Question) => ({
    isOpen: question === which,
    onOpenChange: (isOpen: boolean) => setQuestion(isOpen ? which : undefined),
  });
  return (
    <>
      <ConfirmDialog
        {...ask("role")}
        confirmLabel={isAdmin ? texts.makeUser : texts.makeAdministrator}
        onConfirm={onRole}
        title={isAdmin ? texts.demoteTitle : texts.promoteTitle}
        tone="accent"
      >
        {isAdmin ? texts.demoteText(name) : texts.promoteText(name)}
      </ConfirmDialog>
      <ConfirmDialog
        {...ask("sessions")}
        confirmLabel={texts.endSessions}
        onConfirm={onEndSessions}
        title={texts.endSessionsTitle}
      >
        {texts.endSessionsText(name)}
      </ConfirmDialog>
      <SuspendDialog {...ask("suspend")} name={name} onConfirm={onSuspend} />
      <ConfirmDialog
        {...ask("delete")}
        confirmLabel={texts.deleteUser}
        onConfirm={onDelete}
        title={texts.deleteTitle(name)}
      >
        {texts.deleteText}
      </ConfirmDialog>
    </>
  );
}
