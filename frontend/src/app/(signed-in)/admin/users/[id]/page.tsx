import type { Metadata } from "next";
import { notFound } from "next/navigation";
import type { EventPage, SessionRecord } from "#client/records.ts";
import { isAdministrator } from "#contract/signed-in.ts";
import { UserView } from "#features/admin/user-view.tsx";
import { readFromIdentity } from "#server/identity/page-data.ts";
import { requireSession } from "#server/identity/require-session.ts";
import { userForAdministrator } from "#server/identity/user-for-administrator.ts";
import { PageTitle } from "#shell/page-title.tsx";
import * as texts from "#texts/pages.ts";

type Props = PageProps<"/admin/users/[id]">;

/** Nothing for who may not see users, and for a user that there is not: neither is told which. */
async function userOf({ params }: Props) {
  const { user } = await requireSession();
  return isAdministrator(user) ? await userForAdministrator((await params).id) : undefined;
}

export async function generateMetadata(props: Props): Promise<Metadata> {
  const user = await userOf(props);
  return { title: user?.name ?? texts.notFound.title };
}

export default async function UserPage(props: Props) {
  const [{ user: own }, user] = await Promise.all([requireSession(), userOf(props)]);
  if (!user) notFound();
  const query = new URLSearchParams({ userId: user.id });
  const [sessions, activity] = await Promise.all([
    readFromIdentity<{ sessions: SessionRecord[] }>(`admin/user/sessions?${query}`),
    readFromIdentity<EventPage>(`admin/user/activity?${query}`),
  ]);
  return (
    <>
      <PageTitle>{user.name}</PageTitle>
      <UserView activity={activity} isOwn={user.id === own.id} sessions={sessions?.sessions} user={user} />
    </>
  );
}
