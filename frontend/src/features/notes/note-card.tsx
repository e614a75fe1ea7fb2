"use client";

import { useEffect, useRef, useState } from "react";
import type { Note, NoteText } from "#client/api.ts";
import { readDraft } from "#client/drafts.ts";
import { NoteForm } from "#features/notes/note-form.tsx";
import { Button } from "#ui/button.tsx";
import { ConfirmDialog } from "#ui/confirm-dialog.tsx";
import { Time } from "#ui/time.tsx";

/** One note; it turns into a form to be changed, at once when an unsaved change is waiting. */
export function NoteCard({
  note,
  userId,
  onChange,
  onDelete,
}: {
  note: Note;
  userId: string;
  onChange: (text: NoteText) => Promise<void>;
  onDelete: () => void;
}) {
  const [isEditing, setEditing] = useState(false);
  const [isAsking, setAsking] = useState(false);
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
          submitLabel="Save changes"
          userId={userId}
        />
      ) : (
        <article>
          <h3 className="font-display text-xl leading-7 font-semibold wrap-anywhere">{note.title}</h3>
          {note.body && (
            <p className="mt-2 max-w-[68ch] leading-7 whitespace-pre-wrap wrap-anywhere">{note.body}</p>
          )}
          <div className="mt-3 flex flex-wrap items-center gap-x-1 gap-y-2 text-sm text-muted">
            <span className="me-2">
              <Time at={note.updated_at} />
              {note.version > 1 && ", edited"}
            </span>
            <Button
              aria-label={`Edit ${note.title}`}
              onClick={() => setEditing(true)}
              ref={editButton}
              size="sm"
              variant="ghost"
            >
              Edit
            </Button>
            <Button
              aria-label={`Delete ${note.title}`}
              onClick={() => setAsking(true)}
              size="sm"
              variant="ghost"
            >
              Delete
            </Button>
          </div>
          <ConfirmDialog
            confirmLabel="Delete note"
            isOpen={isAsking}
            onConfirm={onDelete}
            onOpenChange={setAsking}
            title="Delete this note?"
          >
            “{note.title}” will be gone for good.
          </ConfirmDialog>
        </article>
      )}
    </li>
  );
}
