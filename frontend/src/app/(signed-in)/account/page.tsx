import type { Metadata } from "next";
import { sentenceForCode } from "#client/failed-form.ts";
import { AccountView } from "#features/account/account-view.tsx";
import { readOwnAccount } from "#server/identity/own-account.ts";
import { requireSession } from "#server/identity/require-session.ts";
import { PageTitle } from "#shell/page-title.tsx";
import * as pages from "#texts/pages.ts";

export const metadata: Metadata = { title: pages.account };

export default async function AccountPage({ searchParams }: PageProps<"/account">) {
  const { failed } = await searchParams;
  const { user } = await requireSession();
  const own = await readOwnAccount();
  const { id, name, email, role } = user;
  return (
    <>
      <PageTitle>{pages.account}</PageTitle>
      <AccountView {...own} failed={sentenceForCode(failed)} user={{ id, name, email, role }} />
    </>
  );
}
