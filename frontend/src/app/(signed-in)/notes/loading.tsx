import { NotesViewSkeleton } from "#features/notes/notes-view-skeleton.tsx";
import { PageTitle } from "#shell/page-title.tsx";

export default function Loading() {
  return (
    <div className="skeletons">
      <PageTitle>Notes</PageTitle>
      <NotesViewSkeleton />
    </div>
  );
}
