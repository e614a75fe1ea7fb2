"use client";

import { useState } from "react";
import { isAdministrator } from "#contract/signed-in.ts";
import { endUserSessions, liftSuspension, setRole, suspend, type User } from "#features/admin/admin-api.ts";
import { SuspendDialog } from "#features/admin/suspend-dialog.tsx";
import { describeSuspension, isSuspended } from "#features/admin/user-state.ts";
import { Button } from "#ui/button.tsx";
import { Chip } from "#ui/chip.tsx";
import { ConfirmDialog } from "#ui/confirm-dialog.tsx";
import { Time } from "#ui/time.tsx";
import { useAction } from "#ui/use-action.ts";

type Question = "role" | "suspend" | "sessions";

/** A user, and what an administrator may do to them; nothing to oneself. */
export function UserRow({
  user,
  isOwn,
  onChange,
}: {
  user: User;
  isOwn: boolean;
  onChange: () => Promise<void>;
}) {
  const { pending, failure, done, run } = useAction();
  const [question, setQuestion] = useState<Question>();
  const isAdmin = isAdministrator(user);
  const suspended = isSuspended(user, new Date());
  const ask = (name: Question) => ({
    isOpen: question === name,
    onOpenChange: (isOpen: boolean) => setQuestion(isOpen ? name : undefined),
  });
  const act = (name: string, action: () => Promise<void>, success: string) =>
    run(
      name,
      async () => {
        await action();
        await onChange();
      },
      success,
    );

  return (
    <li className="py-5">
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="min-w-0">
          <p className="flex flex-wrap items-center gap-x-3 gap-y-1 font-semibold">
            <bdi className="wrap-anywhere">{user.name}</bdi>
            {isAdmin && <Chip tone="accent">Administrator</Chip>}
            {isOwn && <Chip>You</Chip>}
          </p>
          <p className="mt-1 text-sm leading-6 text-muted wrap-anywhere">
            {user.email}, joined <Time at={user.createdAt} />
          </p>
          {suspended && (
            <p className="text-sm leading-6 text-danger wrap-anywhere">{describeSuspension(user)}</p>
          )}
        </div>
        {!isOwn && (
          <fieldset aria-label={`Actions for ${user.email}`} className="flex flex-wrap gap-2">
            <Button
              isPending={pending === "role"}
              onClick={() => setQuestion("role")}
              size="sm"
              variant="tertiary"
            >
              {isAdmin ? "Make user" : "Make administrator"}
            </Button>
            <Button
              isPending={pending === "sessions"}
              onClick={() => setQuestion("sessions")}
              size="sm"
              variant="tertiary"
            >
              End sessions
            </Button>
            {suspended ? (
              <Button
                isPending={pending === "lift"}
                onClick={() => act("lift", () => liftSuspension(user.id), "Suspension lifted.")}
                size="sm"
                variant="tertiary"
              >
                Lift suspension
              </Button>
            ) : (
              <Button
                isPending={pending === "suspend"}
                onClick={() => setQuestion("suspend")}
                size="sm"
                variant="danger-soft"
              >
                Suspend
              </Button>
            )}
          </fieldset>
        )}
      </div>
      {failure && (
        <p className="mt-2 text-sm text-danger" role="alert">
          {failure}
        </p>
      )}
      <p className="text-sm text-accent empty:hidden not-empty:mt-2" role="status">
        {done}
      </p>
      <ConfirmDialog
        {...ask("role")}
        confirmLabel={isAdmin ? "Make user" : "Make administrator"}
        onConfirm={() => act("role", () => setRole(user.id, isAdmin ? "user" : "admin"), "Role changed.")}
        title={isAdmin ? "Take the administrator's role away?" : "Make an administrator?"}
        tone="accent"
      >
        {isAdmin
          ? `${user.name} will be an ordinary user from the next request on.`
          : `${user.name} will be able to see all users, suspend them and change their roles.`}
      </ConfirmDialog>
      <ConfirmDialog
        {...ask("sessions")}
        confirmLabel="End sessions"
        onConfirm={() => act("sessions", () => endUserSessions(user.id), "All sessions have ended.")}
        title="End all sessions?"
      >
        {user.name} has to sign in again on every device.
      </ConfirmDialog>
      <SuspendDialog
        {...ask("suspend")}
        name={user.name}
        onConfirm={(reason, seconds) => act("suspend", () => suspend(user.id, reason, seconds), "Suspended.")}
      />
    </li>
  );
}
