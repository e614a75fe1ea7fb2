import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { isAdministrator } from "#contract/signed-in.ts";
import { UserView } from "#features/admin/user-view.tsx";
import { requireSession } from "#server/identity/require-session.ts";
import { recordsForAdministrator, userForAdministrator } from "#server/identity/user-for-administrator.ts";
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
  const records = await recordsForAdministrator(user.id);
  return (
    <>
      <PageTitle>{user.name}</PageTitle>
      <UserView {...records} isOwn={user.id === own.id} user={user} />
    </>
  );
}
