"use client";

import { type KeyboardEvent, type Ref, useEffect, useRef } from "react";
import type { NoteText } from "#client/api.ts";
import { type NoteSource, useNoteForm } from "#features/notes/use-note-form.ts";
import * as actions from "#texts/actions.ts";
import * as texts from "#texts/notes.ts";
import { Button } from "#ui/button.tsx";
import { FormErrorsContext } from "#ui/field-errors.ts";
import { Notice } from "#ui/notice.tsx";
import { Spinner } from "#ui/spinner.tsx";
import { TextField } from "#ui/text-field.tsx";
import { useIsHydrated } from "#ui/use-is-hydrated.ts";

const TITLE_LENGTH = 200;
const BODY_LENGTH = 10_000;

type Props = NoteSource & {
  submitLabel: string;
  /** Where the form goes while no script runs. */
  action?: string;
  onCancel?: () => void;
};

/** Title and text of a note: of a new one, or, with `onCancel`, of one that is changed. */
export function NoteForm({ submitLabel, action, onCancel, ...source }: Props) {
  const form = useRef<HTMLFormElement>(null);
  const { text, edit, drop, formErrors, isPending, submit } = useNoteForm(source, form);
  const title = useRef<HTMLInputElement>(null);
  const isHydrated = useIsHydrated();

  const isChange = onCancel !== undefined;
  useEffect(() => {
    if (isChange) title.current?.focus();
  }, [isChange]);

  function cancel() {
    drop();
    onCancel?.();
  }

  return (
    <form
      action={action}
      className="flex flex-col gap-4"
      method="post"
      noValidate={isHydrated}
      onSubmit={(event) => submit(event, () => title.current?.focus())}
      ref={form}
    >
      {formErrors.errors.message && (
        <Notice alert title={texts.notSaved} tone="danger">
          {formErrors.errors.message}
        </Notice>
      )}
      <FormErrorsContext value={formErrors}>
        <NoteFields edit={edit} text={text} title={title} />
      </FormErrorsContext>
      <div className="flex gap-2">
        <Button isPending={isPending} type="submit">
          {isPending && <Spinner />}
          {isPending ? actions.saving : submitLabel}
        </Button>
        {isChange && (
          <Button onClick={cancel} variant="ghost">
            {actions.cancel}
          </Button>
        )}
      </div>
    </form>
  );
}

function NoteFields({
  text,
  edit,
  title,
}: {
  text: NoteText;
  edit: (part: Partial<NoteText>) => void;
  title: Ref<HTMLInputElement>;
}) {
  return (
    <>
      <TextField
        autoComplete="off"
        label={texts.title}
        maxLength={TITLE_LENGTH}
        name="title"
        onChange={(value) => edit({ title: value })}
        ref={title}
        required
        value={text.title}
      />
      <TextField
        label={texts.text}
        maxLength={BODY_LENGTH}
        name="body"
        onChange={(value) => edit({ body: value })}
        onKeyDown={submitByKey}
        rows={4}
        value={text.body}
      />
    </>
  );
}

function submitByKey(event: KeyboardEvent<HTMLElement>) {
  if (event.key !== "Enter" || !(event.metaKey || event.ctrlKey)) return;
  event.preventDefault();
  event.currentTarget.closest("form")?.requestSubmit();
}
