"use client";

import { type FormEvent, type RefObject, useRef, useState } from "react";
import type { NoteText } from "#client/api.ts";
import { useDraft } from "#features/notes/use-draft.ts";
import * as texts from "#texts/notes.ts";
import { useFormErrors } from "#ui/field-errors.ts";
import { formErrorsOf, NO_ERRORS } from "#ui/form-errors.ts";

const BLANK: NoteText = { title: "", body: "" };

export type NoteSource = {
  userId: string;
  /** The draft's name: what is typed is kept under it until it is saved or given up. */
  draftKey: string;
  initial?: NoteText;
  /** What went wrong when the form was sent without a script. */
  failed?: string | undefined;
  /** Rejects when the note is not saved; the text then stays. */
  onSave: (text: NoteText) => Promise<void>;
};

/** The text of a note while it is typed, what is wrong with it, and the way to save it: one attempt at a time. */
export function useNoteForm(
  { userId, draftKey, initial = BLANK, failed, onSave }: NoteSource,
  form: RefObject<HTMLFormElement | null>,
) {
  const { text, edit, drop, clear } = useDraft(userId, draftKey, initial, form);
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
