import { notFound } from "next/navigation";
import type { ReactNode } from "react";
import { isAdministrator } from "#contract/signed-in.ts";
import { requireSession } from "#server/identity/require-session.ts";

/** Who may not see these pages is told nothing of them. Before anything is sent: the answer's status is 404. */
export default async function AdminLayout({ children }: { children: ReactNode }) {
  const { user } = await requireSession();
  if (!isAdministrator(user)) notFound();
  return children;
}
