import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { isAdministrator } from "#contract/signed-in.ts";
import { type UserPage, usersPath } from "#features/admin/admin-api.ts";
import { AdminView } from "#features/admin/admin-view.tsx";
import { readFromIdentity } from "#server/identity/page-data.ts";
import { requireSession } from "#server/identity/require-session.ts";
import { PageTitle } from "#shell/page-title.tsx";
import * as pages from "#texts/pages.ts";

/** Who may not see it is told nothing of it. */
export async function generateMetadata(): Promise<Metadata> {
  const { user } = await requireSession();
  return { title: isAdministrator(user) ? pages.users : pages.notFound.title };
}

export default async function AdminPage({ searchParams }: PageProps<"/admin">) {
  const { user } = await requireSession();
  // A layout is not asked again when one of its pages leads to another.
  if (!isAdministrator(user)) notFound();
  const { search: asked } = await searchParams;
  const search = typeof asked === "string" ? asked.trim() : "";
  const initial = await readFromIdentity<UserPage>(usersPath(search, 0));
  return (
    <>
      <PageTitle>{pages.users}</PageTitle>
      <AdminView first={{ search, offset: 0, initial }} ownId={user.id} />
    </>
  );
}
