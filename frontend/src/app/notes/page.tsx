import type { Metadata } from "next";
import { requireSession } from "#features/auth/require-session.ts";
import { NotesView } from "#features/notes/notes-view.tsx";
import { SignedInPage } from "#features/ui/signed-in-page.tsx";

export const metadata: Metadata = { title: "Notes" };

export default async function NotesPage() {
  const { user } = await requireSession("/notes");
  return (
    <SignedInPage title="Notes" user={user}>
      <NotesView userId={user.id} />
    </SignedInPage>
  );
}
