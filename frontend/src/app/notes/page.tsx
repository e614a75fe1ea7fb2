import type { Metadata } from "next";
import { WhoAmI } from "#features/account/who-am-i.tsx";
import { NotesView } from "#features/notes/notes-view.tsx";
import { requireSession } from "#server/identity/require-session.ts";
import { SignedInPage } from "#shell/signed-in-page.tsx";

export const metadata: Metadata = { title: "Notes" };

export default async function NotesPage() {
  const { user } = await requireSession("/notes");
  return (
    <SignedInPage title="Notes" user={user}>
      <NotesView aside={<WhoAmI />} userId={user.id} />
    </SignedInPage>
  );
}
