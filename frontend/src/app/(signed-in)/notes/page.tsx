import type { Metadata } from "next";
import type { Me, NotePage } from "#client/api.ts";
import { sentForm } from "#client/failed-form.ts";
import { WhoAmI } from "#features/account/who-am-i.tsx";
import { NotesView } from "#features/notes/notes-view.tsx";
import { readFromApi } from "#server/backend-for-frontend/read-from-api.ts";
import { requireSession } from "#server/identity/require-session.ts";
import { PageTitle } from "#shell/page-title.tsx";
import * as pages from "#texts/pages.ts";
import { stillSignedIn } from "#texts/session.ts";
import { Notice } from "#ui/notice.tsx";

export const metadata: Metadata = { title: pages.notes };

export default async function NotesPage({ searchParams }: PageProps<"/notes">) {
  const sent = sentForm(await searchParams);
  const [{ user }, notes, me] = await Promise.all([
    requireSession(),
    readFromApi<NotePage>("notes"),
    readFromApi<Me>("me"),
  ]);
  return (
    <>
      <PageTitle>{pages.notes}</PageTitle>
      {sent?.form === "sign-out" && sent.failed && (
        <div className="mb-8">
          <Notice alert tone="danger">
            {stillSignedIn(sent.failed)}
          </Notice>
        </div>
      )}
      <NotesView
        aside={<WhoAmI initial={me} />}
        failed={sent?.form === "note" ? sent.failed : undefined}
        initial={notes}
        userId={user.id}
      />
    </>
  );
}
