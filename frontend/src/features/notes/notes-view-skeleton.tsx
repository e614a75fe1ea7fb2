import { NotesSkeleton } from "#features/notes/notes-skeleton.tsx";
import { Skeleton } from "#ui/skeleton.tsx";

/** The notes page before its data is there, in the same places. */
export function NotesViewSkeleton() {
  return (
    <div className="grid grid-cols-1 gap-x-16 gap-y-10 lg:grid-cols-[minmax(0,1fr)_21rem]">
      <Skeleton className="h-20 rounded-2xl lg:col-start-2 lg:row-start-1 lg:h-[33.75rem]" />
      <div className="min-w-0 lg:col-start-1 lg:row-start-1">
        <Skeleton className="h-[23rem] rounded-2xl" />
        <NotesSkeleton />
      </div>
    </div>
  );
}
