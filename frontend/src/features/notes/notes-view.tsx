"use client";

import type { ReactNode } from "react";
import type { NotePage } from "#client/api.ts";
import { NoteForm } from "#features/notes/note-form.tsx";
import { NotesList } from "#features/notes/notes-list.tsx";
import { useNotes } from "#features/notes/use-notes.ts";
import { whoAmI } from "#texts/account.ts";
import * as texts from "#texts/notes.ts";

/** The notes of `userId`; `aside` stands beside them. */
export function NotesView({
  userId,
  aside,
  initial,
  failed,
}: {
  userId: string;
  aside: ReactNode;
  /** The first page, where the server had it. */
  initial?: NotePage | undefined;
  /** What went wrong when a new note was sent without a script. */
  failed?: string | undefined;
}) {
  const notes = useNotes(initial);
  return (
    <div className="grid grid-cols-1 gap-x-16 gap-y-10 lg:grid-cols-[minmax(0,1fr)_21rem]">
      {/* Each in a place of its own: the one must not wait for the other, which may arrive later. */}
      <aside aria-label={whoAmI.label} className="lg:col-start-2 lg:row-start-1">
        {aside}
      </aside>
      <div className="min-w-0 lg:col-start-1 lg:row-start-1">
        <section
          aria-labelledby="compose-heading"
          className="rounded-2xl border border-border bg-surface p-5 sm:p-7"
        >
          <h2 className="mb-5 font-display text-xl font-semibold" id="compose-heading">
            {texts.newNote}
          </h2>
          <NoteForm
            action="/api/forms/note"
            draftKey="new"
            failed={failed}
            onSave={notes.create}
            submitLabel={texts.save}
            userId={userId}
          />
        </section>
        <NotesList notes={notes} userId={userId} />
      </div>
    </div>
  );
}
