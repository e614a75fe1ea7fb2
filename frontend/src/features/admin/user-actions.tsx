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
import { type Question, UserQuestions } from "#features/admin/user-questions.tsx";
import { isSuspended } from "#features/admin/user-state.ts";
import * as texts from "#texts/admin.ts";
import { Button } from "#ui/button.tsx";
import { useAction } from "#ui/use-action.ts";

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
  const [question, setQuestion] = useState<Question>();
  const isAdmin = isAdministrator(user);
  const act = (name: string, action: () => Promise<void>, success: string) =>
    run(
      name,
      async () => {
        await action();
        await onChange();
      },
      success,
    );
  const remove = () =>
    run("delete", async () => {
      await deleteUser(user.id);
      onDeleted?.();
    });

  return (
    <div className="grid gap-2">
      <fieldset aria-label={texts.actionsFor(user.email)} className="flex flex-wrap gap-2">
        <Ask name="role" onAsk={setQuestion} pending={pending}>
          {isAdmin ? texts.makeUser : texts.makeAdministrator}
        </Ask>
        <Ask name="sessions" onAsk={setQuestion} pending={pending}>
          {texts.endSessions}
        </Ask>
        {isSuspended(user, new Date()) ? (
          <Ask
            name="lift"
            onAsk={() => act("lift", () => liftSuspension(user.id), texts.suspensionLifted)}
            pending={pending}
          >
            {texts.liftSuspension}
          </Ask>
        ) : (
          <Ask isGrave name="suspend" onAsk={setQuestion} pending={pending}>
            {texts.suspend}
          </Ask>
        )}
        {onDeleted && (
          <Ask isGrave name="delete" onAsk={setQuestion} pending={pending}>
            {texts.deleteUser}
          </Ask>
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
      <UserQuestions
        onDelete={remove}
        onEndSessions={() => act("sessions", () => endUserSessions(user.id), texts.sessionsEnded)}
        onRole={() => act("role", () => setRole(user.id, isAdmin ? "user" : "admin"), texts.roleChanged)}
        onSuspend={(reason, seconds) =>
          act("suspend", () => suspend(user.id, reason, seconds), texts.suspended)
        }
        question={question}
        setQuestion={setQuestion}
        user={user}
      />
    </div>
  );
}

function Ask<Name extends string>({
  name,
  pending,
  onAsk,
  isGrave = false,
  children,
}: {
  name: Name;
  pending: string | undefined;
  onAsk: (name: Name) => void;
  isGrave?: boolean;
  children: string;
}) {
  return (
    <Button
      isPending={pending === name}
      onClick={() => onAsk(name)}
      size="sm"
      variant={isGrave ? "danger-soft" : "tertiary"}
    >
      {children}
    </Button>
  );
}
