"use client";

import { useEffect, useState } from "react";
import type { NoteText } from "#client/api.ts";
import { dropDraft, keepDraft, readDraft } from "#client/drafts.ts";

/** The text of a note while it is typed: kept as a draft under `key` until it is saved or given up. */
export function useDraft(userId: string, key: string, initial: NoteText) {
  const [text, setText] = useState(initial);

  useEffect(() => {
    const draft = readDraft(userId, key);
    if (draft) setText(draft);
  }, [userId, key]);

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
