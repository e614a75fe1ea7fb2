"use client";

import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import type { NoteText } from "#client/api.ts";
import { useDraft } from "#features/notes/use-draft.ts";
import * as actions from "#texts/actions.ts";
import * as texts from "#texts/notes.ts";
import { Button } from "#ui/button.tsx";
import { FormErrorsContext, useFormErrors } from "#ui/field-errors.ts";
import { formErrorsOf, NO_ERRORS } from "#ui/form-errors.ts";
import { Notice } from "#ui/notice.tsx";
import { Spinner } from "#ui/spinner.tsx";
import { TextField } from "#ui/text-field.tsx";
import { useIsHydrated } from "#ui/use-is-hydrated.ts";

const BLANK: NoteText = { title: "", body: "" };
const TITLE_LENGTH = 200;
const BODY_LENGTH = 10_000;

type Props = {
  userId: string;
  draftKey: string;
  initial?: NoteText;
  submitLabel: string;
  /** Where the form goes while no script runs. */
  action?: string;
  /** What went wrong when it was sent there. */
  failed?: string | undefined;
  /** Rejects when the note is not saved; the text then stays. */
  onSave: (text: NoteText) => Promise<void>;
  onCancel?: () => void;
};

/** Title and text of a note. What is typed is kept as a draft under `draftKey` until it is saved or given up. */
export function NoteForm({ submitLabel, action, onCancel, ...props }: Props) {
  const { text, edit, drop, formErrors, isPending, submit } = useNoteForm(props);
  const title = useRef<HTMLInputElement>(null);
  const isHydrated = useIsHydrated();

  const isChange = onCancel !== undefined;
  useEffect(() => {
    if (isChange) title.current?.focus();
  }, [isChange]);

  return (
    <form
      action={action}
      className="flex flex-col gap-4"
      method="post"
      noValidate={isHydrated}
      onSubmit={(event) => submit(event, () => title.current?.focus())}
    >
      {formErrors.errors.message && (
        <Notice alert title={texts.notSaved} tone="danger">
          {formErrors.errors.message}
        </Notice>
      )}
      <FormErrorsContext value={formErrors}>
        <TextField
          autoComplete="off"
          ref={title}
          required
          label={texts.title}
          maxLength={TITLE_LENGTH}
          name="title"
          onChange={(value) => edit({ title: value })}
          value={text.title}
        />
        <TextField
          onKeyDown={submitByKey}
          rows={4}
          label={texts.text}
          maxLength={BODY_LENGTH}
          name="body"
          onChange={(value) => edit({ body: value })}
          value={text.body}
        />
      </FormErrorsContext>
      <div className="flex gap-2">
        <Button isPending={isPending} type="submit">
          {isPending && <Spinner />}
          {isPending ? actions.saving : submitLabel}
        </Button>
        {onCancel && (
          <Button
            onClick={() => {
              drop();
              onCancel();
            }}
            variant="ghost"
          >
            {actions.cancel}
          </Button>
        )}
      </div>
    </form>
  );
}

function useNoteForm({
  userId,
  draftKey,
  initial = BLANK,
  failed,
  onSave,
}: Pick<Props, "userId" | "draftKey" | "initial" | "failed" | "onSave">) {
  const { text, edit, drop, clear } = useDraft(userId, draftKey, initial);
  const formErrors = useFormErrors(failed ? { message: failed, fields: {} } : undefined);
  const [isPending, setPending] = useState(false);
  const busy = useRef(false);

  async function submit(event: FormEvent, focusTitle: () => void) {
    event.preventDefault();
    if (busy.current) return;
    if (!text.title.trim()) {
      formErrors.show({ fields: { title: [texts.enterTitle] } });
      focusTitle();
      return;
    }
    busy.current = true;
    setPending(true);
    formErrors.show(NO_ERRORS);
    try {
      await onSave({ title: text.title.trim(), body: text.body });
      clear();
    } catch (error) {
      formErrors.show(formErrorsOf(error, ["title", "body"]));
    }
    busy.current = false;
    setPending(false);
  }

  return { text, edit, drop, formErrors, isPending, submit };
}

function submitByKey(event: KeyboardEvent<HTMLElement>) {
  if (event.key !== "Enter" || !(event.metaKey || event.ctrlKey)) return;
  event.preventDefault();
  event.currentTarget.closest("form")?.requestSubmit();
}
