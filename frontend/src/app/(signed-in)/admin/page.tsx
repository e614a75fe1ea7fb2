import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { isAdministrator } from "#contract/signed-in.ts";
import { AdminView } from "#features/admin/admin-view.tsx";
import { requireSession } from "#server/identity/require-session.ts";
import { PageTitle } from "#shell/page-title.tsx";

/** Who may not see it is told nothing of it. */
export async function generateMetadata(): Promise<Metadata> {
  const { user } = await requireSession();
  return { title: isAdministrator(user) ? "Users" : "Page not found" };
}

export default async function AdminPage() {
  const { user } = await requireSession();
  if (!isAdministrator(user)) notFound();
  return (
    <>
      <PageTitle>Users</PageTitle>
      <AdminView ownId={user.id} />
    </>
  );
}
