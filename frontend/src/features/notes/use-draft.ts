"use client";

import { type RefObject, useLayoutEffect, useState } from "react";
import type { NoteText } from "#client/api.ts";
import { dropDraft, keepDraft, readDraft } from "#client/drafts.ts";

/** What was typed into a form that the server sent, before its script ran. */
function typedBefore(form: HTMLFormElement): Partial<NoteText> {
  const fields = [...form.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>("input, textarea")];
  return Object.fromEntries(
    fields.filter((field) => field.value !== field.defaultValue).map(({ name, value }) => [name, value]),
  );
}

/** The text of a note while it is typed in `form`: kept as a draft under `key` until it is saved or given up. */
export function useDraft(
  userId: string,
  key: string,
  initial: NoteText,
  form: RefObject<HTMLFormElement | null>,
) {
  const [text, setText] = useState(initial);

  // Before anything renders again, which would put back the text that the server sent.
  useLayoutEffect(() => {
    const early = form.current && typedBefore(form.current);
    setText((sent) => ({ ...sent, ...readDraft(userId, key), ...early }));
  }, [userId, key, form]);

  return {
    text,
    edit(part: Partial<NoteText>) {
      const next = { ...text, ...part };
      setText(next);
      keepDraft(userId, key, next);
    },
    drop: () => dropDraft(userId, key),
    /** Begins anew, with nothing. */
    clear() {
      dropDraft(userId, key);
      setText({ title: "", body: "" });
    },
  };
}
