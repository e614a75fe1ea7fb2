import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { AdminView } from "#features/admin/admin-view.tsx";
import { requireSession } from "#features/auth/require-session.ts";
import { isAdministrator } from "#features/auth/signed-in.ts";
import { SignedInPage } from "#features/ui/signed-in-page.tsx";

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
