"use client";

import { useRef } from "react";
import type { Note } from "#client/api.ts";
import { NoteCard } from "#features/notes/note-card.tsx";
import { titleId } from "#features/notes/note-reading.tsx";
import { NotesSkeleton } from "#features/notes/notes-skeleton.tsx";
import type { useNotes } from "#features/notes/use-notes.ts";
import * as actions from "#texts/actions.ts";
import * as texts from "#texts/notes.ts";
import { Button } from "#ui/button.tsx";
import { Notice } from "#ui/notice.tsx";

type Notes = ReturnType<typeof useNotes>;

export function NotesList({ userId, notes: list }: { userId: string; notes: Notes }) {
  const { notes, cursor, failure, kept, fresh, isLoading, load, change, remove } = list;
  const heading = useRef<HTMLHeadingElement>(null);

  function discard(note: Note) {
    const place = notes?.indexOf(note) ?? -1;
    const neighbour = notes?.[place + 1] ?? notes?.[place - 1];
    const title = neighbour && document.getElementById(titleId(neighbour));
    (title ?? heading.current)?.focus();
    void remove(note);
  }

  return (
    <section aria-busy={isLoading} aria-labelledby="notes-heading">
      <h2 className="sr-only" id="notes-heading" ref={heading} tabIndex={-1}>
        {texts.heading}
      </h2>
      {failure && (
        <div className="mt-8">
          <Notice alert tone="danger">
            {failure}
          </Notice>
        </div>
      )}
      {notes === undefined && !failure && <NotesSkeleton />}
      {notes?.length === 0 && <EmptyState />}
      {notes && notes.length > 0 && (
        <ul className="divide-y divide-separator">
          {notes.map((note) => (
            <NoteCard
              isFresh={note.id === fresh}
              kept={kept[note.id]}
              key={note.id}
              note={note}
              onChange={(text) => change(note, text)}
              onDelete={() => discard(note)}
              userId={userId}
            />
          ))}
        </ul>
      )}
      {(cursor || (notes === undefined && failure)) && (
        <Button className="mt-4" isPending={isLoading} onClick={() => void load(cursor)} variant="tertiary">
          {isLoading ? actions.loading : cursor ? texts.older : actions.tryAgain}
        </Button>
      )}
    </section>
  );
}

function EmptyState() {
  return (
    <div className="py-14 text-center">
      <p className="font-display text-2xl font-semibold">{texts.emptyTitle}</p>
      <p className="mx-auto mt-2 max-w-[40ch] text-muted">{texts.empty}</p>
    </div>
  );
}
