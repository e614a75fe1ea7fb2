import type { Metadata } from "next";
import { sentenceForCode } from "#client/failed-form.ts";
import { AccountView } from "#features/account/account-view.tsx";
import { requireSession } from "#server/identity/require-session.ts";
import { PageTitle } from "#shell/page-title.tsx";

export const metadata: Metadata = { title: "Account" };

export default async function AccountPage({ searchParams }: PageProps<"/account">) {
  const { failed } = await searchParams;
  const { user } = await requireSession();
  const { id, name, email, role } = user;
  return (
    <>
      <PageTitle>Account</PageTitle>
      <AccountView failed={sentenceForCode(failed)} user={{ id, name, email, role }} />
    </>
  );
}
