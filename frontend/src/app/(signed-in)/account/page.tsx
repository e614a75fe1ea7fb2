import type { Metadata } from "next";
import { sentForm } from "#client/failed-form.ts";
import type { EventPage, SessionRecord } from "#client/records.ts";
import { AccountView } from "#features/account/account-view.tsx";
import { readFromIdentity } from "#server/identity/page-data.ts";
import { requireSession } from "#server/identity/require-session.ts";
import { PageTitle } from "#shell/page-title.tsx";
import * as pages from "#texts/pages.ts";

export const metadata: Metadata = { title: pages.account };

export default async function AccountPage({ searchParams }: PageProps<"/account">) {
  const sent = sentForm(await searchParams);
  const { user } = await requireSession();
  const [sessions, activity] = await Promise.all([
    readFromIdentity<{ sessions: SessionRecord[] }>("account/sessions"),
    readFromIdentity<EventPage>("account/activity"),
  ]);
  const { id, name, email, role } = user;
  return (
    <>
      <PageTitle>{pages.account}</PageTitle>
      <AccountView
        activity={activity}
        sessions={sessions?.sessions}
        sent={sent}
        user={{ id, name, email, role }}
      />
    </>
  );
}
