import { NotesViewSkeleton } from "#features/notes/notes-view-skeleton.tsx";
import { PageTitle } from "#shell/page-title.tsx";
import * as pages from "#texts/pages.ts";

export default function Loading() {
  return (
    <div className="skeletons">
      <PageTitle>{pages.notes}</PageTitle>
      <NotesViewSkeleton />
    </div>
  );
}
