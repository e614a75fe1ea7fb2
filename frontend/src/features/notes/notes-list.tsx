"use client";

import { useRef, useState } from "react";
import type { Note } from "#client/api.ts";
import { NoteCard } from "#features/notes/note-card.tsx";
import type { useNotes } from "#features/notes/use-notes.ts";
import { Button } from "#ui/button.tsx";
import { Notice } from "#ui/notice.tsx";
import { Skeleton } from "#ui/skeleton.tsx";

type Notes = ReturnType<typeof useNotes>;

export function NotesList({ userId, notes: list }: { userId: string; notes: Notes }) {
  const { notes, cursor, failure, isLoading, load, change, remove } = list;
  const heading = useRef<HTMLHeadingElement>(null);
  const [status, setStatus] = useState("");

  function discard(note: Note) {
    heading.current?.focus();
    setStatus(`Deleted “${note.title}”.`);
    void remove(note);
  }

  return (
    <section aria-busy={isLoading} aria-labelledby="notes-heading">
      <h2 className="sr-only" id="notes-heading" ref={heading} tabIndex={-1}>
        Your notes
      </h2>
      <p className="sr-only" role="status">
        {status}
      </p>
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
          {isLoading ? "Loading…" : cursor ? "Show older notes" : "Try again"}
        </Button>
      )}
    </section>
  );
}

function EmptyState() {
  return (
    <div className="py-14 text-center">
      <p className="font-display text-2xl font-semibold">Nothing here yet</p>
      <p className="mx-auto mt-2 max-w-[40ch] text-muted">
        Write your first note above. FastAPI keeps it, and shows it to nobody but you.
      </p>
    </div>
  );
}

export function NotesSkeleton() {
  return (
    <div className="divide-y divide-separator">
      <span className="sr-only" role="status">
        Loading your notes
      </span>
      {["w-2/5", "w-3/5", "w-1/3"].map((width) => (
        <div className="space-y-3 py-7" key={width}>
          <Skeleton className={`h-6 rounded ${width}`} />
          <Skeleton className="h-4 w-full max-w-xl rounded" />
          <Skeleton className="h-4 w-4/5 max-w-lg rounded" />
        </div>
      ))}
    </div>
  );
}
