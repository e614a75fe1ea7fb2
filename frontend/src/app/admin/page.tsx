import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { isAdministrator } from "#contract/signed-in.ts";
import { AdminView } from "#features/admin/admin-view.tsx";
import { requireSession } from "#server/identity/require-session.ts";
import { SignedInPage } from "#shell/signed-in-page.tsx";

export const metadata: Metadata = { title: "Users" };

export default async function AdminPage() {
  const { user } = await requireSession("/admin");
  if (!isAdministrator(user)) notFound();
  return (
    <SignedInPage title="Users" user={user}>
      <AdminView ownId={user.id} />
    </SignedInPage>
  );
}
