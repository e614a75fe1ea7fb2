"use client";

import { useEffect, useRef, useState } from "react";
import type { Note, NoteText } from "#client/api.ts";
import { readDraft } from "#client/drafts.ts";
import { NoteForm } from "#features/notes/note-form.tsx";
import { NoteReading } from "#features/notes/note-reading.tsx";
import * as texts from "#texts/notes.ts";

/** One note; it turns into a form to be changed, at once when an unsaved change is waiting. */
export function NoteCard({
  note,
  userId,
  kept,
  isFresh,
  onChange,
  onDelete,
}: {
  note: Note;
  userId: string;
  /** Why it is still there although it was to be deleted. */
  kept: string | undefined;
  /** It is the first of those that were asked for: it takes the focus. */
  isFresh: boolean;
  onChange: (text: NoteText) => Promise<void>;
  onDelete: () => void;
}) {
  const [isEditing, setEditing] = useState(false);
  const editButton = useRef<HTMLButtonElement>(null);
  const wasEditing = useRef(false);

  useEffect(() => {
    if (readDraft(userId, note.id)) setEditing(true);
  }, [userId, note.id]);

  useEffect(() => {
    if (wasEditing.current && !isEditing) editButton.current?.focus();
    wasEditing.current = isEditing;
  }, [isEditing]);

  return (
    <li className="py-7" data-note={note.id}>
      {isEditing ? (
        <NoteForm
          draftKey={note.id}
          initial={{ title: note.title, body: note.body }}
          onCancel={() => setEditing(false)}
          onSave={async (text) => {
            await onChange(text);
            setEditing(false);
          }}
          submitLabel={texts.saveChanges}
          userId={userId}
        />
      ) : (
        <NoteReading
          editButton={editButton}
          isFresh={isFresh}
          kept={kept}
          note={note}
          onDelete={onDelete}
          onEdit={() => setEditing(true)}
        />
      )}
    </li>
  );
}
