import { NotesSkeleton } from "#features/notes/notes-list.tsx";

export default function Loading() {
  return (
    <main className="mx-auto w-full max-w-6xl px-5 pt-32 sm:px-8" id="main">
      <NotesSkeleton />
    </main>
  );
}
