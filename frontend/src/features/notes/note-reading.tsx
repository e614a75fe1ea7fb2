"use client";

import type { Ref } from "react";
import type { Note } from "#client/api.ts";
import * as texts from "#texts/notes.ts";
import { Button } from "#ui/button.tsx";
import { ConfirmButton } from "#ui/confirm-button.tsx";
import { Notice } from "#ui/notice.tsx";
import { Time } from "#ui/time.tsx";
import { useFocusWhen } from "#ui/use-focus-when.ts";

/** Id of the heading of a note that is being read. */
export const titleId = ({ id }: Note): string => `note-${id}`;

type Controls = {
  note: Note;
  editButton: Ref<HTMLButtonElement>;
  onEdit: () => void;
  onDelete: () => void;
};

/** A note as it is read, with what can be done with it; see NoteCard. */
export function NoteReading({
  kept,
  isFresh,
  ...controls
}: Controls & { kept: string | undefined; isFresh: boolean }) {
  const { note } = controls;
  const title = useFocusWhen<HTMLHeadingElement>(isFresh);
  const alert = useFocusWhen<HTMLDivElement>(kept !== undefined);

  return (
    <article>
      {kept && (
        <div className="mb-4 outline-none" ref={alert} tabIndex={-1}>
          <Notice alert tone="danger">
            {kept}
          </Notice>
        </div>
      )}
      <h3
        className="font-display text-xl leading-7 font-semibold outline-none wrap-anywhere"
        dir="auto"
        id={titleId(note)}
        ref={title}
        tabIndex={-1}
      >
        {note.title}
      </h3>
      {note.body && (
        <p
          className="mt-2 max-w-[68ch] leading-7 whitespace-pre-wrap wrap-anywhere [unicode-bidi:plaintext]"
          dir="auto"
        >
          {note.body}
        </p>
      )}
      <NoteControls {...controls} />
    </article>
  );
}

/** When it was written, and the ways to change and to delete it. */
function NoteControls({ note, editButton, onEdit, onDelete }: Controls) {
  return (
    <div className="mt-3 flex flex-wrap items-center gap-x-1 gap-y-2 text-sm text-muted">
      <span className="me-2">
        <Time at={note.updated_at} />
        {note.version > 1 && texts.edited}
      </span>
      <Button
        aria-label={texts.editNote(note.title)}
        onClick={onEdit}
        ref={editButton}
        size="sm"
        variant="ghost"
      >
        {texts.edit}
      </Button>
      <ConfirmButton
        aria-label={texts.removeNote(note.title)}
        confirmLabel={texts.confirm}
        label={texts.remove}
        onConfirm={onDelete}
        size="sm"
        title={texts.question}
        variant="ghost"
      >
        {texts.warning[0]}
        <bdi>{note.title}</bdi>
        {texts.warning[1]}
      </ConfirmButton>
    </div>
  );
}
