"use client";

import { useEffect, useRef, useState } from "react";
import type { Note, NoteText } from "#client/api.ts";
import { readDraft } from "#client/drafts.ts";
import { NoteForm } from "#features/notes/note-form.tsx";
import { Button } from "#ui/button.tsx";
import { ConfirmDialog } from "#ui/confirm-dialog.tsx";
import { Notice } from "#ui/notice.tsx";
import { Time } from "#ui/time.tsx";
import { useFocusWhen } from "#ui/use-focus-when.ts";

/** Id of the heading of a note that is being read. */
export const titleId = ({ id }: Note): string => `note-${id}`;

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
  const [isAsking, setAsking] = useState(false);
  const title = useFocusWhen<HTMLHeadingElement>(isFresh);
  const alert = useFocusWhen<HTMLDivElement>(kept !== undefined);
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
            <p className="mt-2 max-w-[68ch] leading-7 whitespace-pre-wrap wrap-anywhere" dir="auto">
              {note.body}
            </p>
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
            “<bdi>{note.title}</bdi>” will be deleted permanently.
          </ConfirmDialog>
        </article>
      )}
    </li>
  );
}
