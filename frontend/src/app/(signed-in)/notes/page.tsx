import type { Metadata } from "next";
import type { Me, NotePage } from "#client/api.ts";
import { sentenceForCode } from "#client/failed-form.ts";
import { WhoAmI } from "#features/account/who-am-i.tsx";
import { NotesView } from "#features/notes/notes-view.tsx";
import { readFromApi } from "#server/backend-for-frontend/read-from-api.ts";
import { requireSession } from "#server/identity/require-session.ts";
import { PageTitle } from "#shell/page-title.tsx";
import * as pages from "#texts/pages.ts";

export const metadata: Metadata = { title: pages.notes };

export default async function NotesPage({ searchParams }: PageProps<"/notes">) {
  const { failed } = await searchParams;
  const [{ user }, notes, me] = await Promise.all([
    requireSession(),
    readFromApi<NotePage>("notes"),
    readFromApi<Me>("me"),
  ]);
  return (
    <>
      <PageTitle>{pages.notes}</PageTitle>
      <NotesView
        aside={<WhoAmI initial={me} />}
        failed={sentenceForCode(failed)}
        initial={notes}
        userId={user.id}
      />
    </>
  );
}
