import type { Metadata } from "next";
import { AccountView } from "#features/account/account-view.tsx";
import { requireSession } from "#server/identity/require-session.ts";
import { SignedInPage } from "#shell/signed-in-page.tsx";

export const metadata: Metadata = { title: "Account" };

export default async function AccountPage() {
  const { user } = await requireSession("/account");
  const { id, name, email, role } = user;
  return (
    <SignedInPage title="Account" user={user}>
      <AccountView user={{ id, name, email, role }} />
    </SignedInPage>
  );
}
