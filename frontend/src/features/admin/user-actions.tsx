"use client";

import { useState } from "react";
import { isAdministrator } from "#contract/signed-in.ts";
import {
  deleteUser,
  endUserSessions,
  liftSuspension,
  setRole,
  suspend,
  type User,
} from "#features/admin/admin-api.ts";
import { SuspendDialog } from "#features/admin/suspend-dialog.tsx";
import { isSuspended } from "#features/admin/user-state.ts";
import * as texts from "#texts/admin.ts";
import { Button } from "#ui/button.tsx";
import { ConfirmButton } from "#ui/confirm-button.tsx";
import { useAction } from "#ui/use-action.ts";

/** What can be done to a user, and what the buttons that do it are told. */
type Part = {
  user: User;
  pending: string | undefined;
  act: (name: string, action: () => Promise<void>, success: string) => void;
};

/** What an administrator may do to a user, each after a question.
 * @param onDeleted where to go once the user is gone; without it that is not offered */
export function UserActions({
  user,
  onChange,
  onDeleted,
}: {
  user: User;
  onChange: () => Promise<void>;
  onDeleted?: () => void;
}) {
  const { pending, failure, done, run } = useAction();
  const act: Part["act"] = (name, action, success) => {
    const both = async () => {
      await action();
      await onChange();
    };
    void run(name, both, success);
  };
  const remove = async () => {
    await deleteUser(user.id);
    onDeleted?.();
  };
  const part = { user, pending, act };

  return (
    <div className="grid gap-2">
      <fieldset aria-label={texts.actionsFor(user.email)} className="flex flex-wrap gap-2">
        <Role {...part} />
        <Sessions {...part} />
        <Suspension {...part} />
        {onDeleted && (
          <ConfirmButton
            isPending={pending === "delete"}
            label={texts.deleteUser}
            onConfirm={() => void run("delete", remove)}
            size="sm"
            title={texts.deleteTitle(user.name)}
            variant="danger-soft"
          >
            {texts.deleteText}
          </ConfirmButton>
        )}
      </fieldset>
      {failure && (
        <p className="text-sm text-danger" role="alert">
          {failure}
        </p>
      )}
      <p className="text-sm text-accent empty:hidden" role="status">
        {done}
      </p>
    </div>
  );
}

function Role({ user, pending, act }: Part) {
  const isAdmin = isAdministrator(user);
  return (
    <ConfirmButton
      isPending={pending === "role"}
      label={isAdmin ? texts.makeUser : texts.makeAdministrator}
      onConfirm={() => act("role", () => setRole(user.id, isAdmin ? "user" : "admin"), texts.roleChanged)}
      size="sm"
      title={isAdmin ? texts.demoteTitle : texts.promoteTitle}
      tone="accent"
      variant="tertiary"
    >
      {isAdmin ? texts.demoteText(user.name) : texts.promoteText(user.name)}
    </ConfirmButton>
  );
}

function Sessions({ user, pending, act }: Part) {
  return (
    <ConfirmButton
      isPending={pending === "sessions"}
      label={texts.endSessions}
      onConfirm={() => act("sessions", () => endUserSessions(user.id), texts.sessionsEnded)}
      size="sm"
      title={texts.endSessionsTitle}
      variant="tertiary"
    >
      {texts.endSessionsText(user.name)}
    </ConfirmButton>
  );
}

function Suspension({ user, pending, act }: Part) {
  const [isAsking, setAsking] = useState(false);
  if (isSuspended(user, new Date())) {
    return (
      <Button
        isPending={pending === "lift"}
        onClick={() => act("lift", () => liftSuspension(user.id), texts.suspensionLifted)}
        size="sm"
        variant="tertiary"
      >
        {texts.liftSuspension}
      </Button>
    );
  }
  return (
    <>
      <Button
        isPending={pending === "suspend"}
        onClick={() => setAsking(true)}
        size="sm"
        variant="danger-soft"
      >
        {texts.suspend}
      </Button>
      <SuspendDialog
        isOpen={isAsking}
        name={user.name}
        onConfirm={(reason, seconds) =>
          act("suspend", () => suspend(user.id, reason, seconds), texts.suspended)
        }
        onOpenChange={setAsking}
      />
    </>
  );
}
