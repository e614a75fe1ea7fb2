import Link from "next/link";
import { getSession } from "#server/identity/session.ts";
import { MessagePage } from "#shell/message-page.tsx";
import { SignedInHeader } from "#shell/signed-in-header.tsx";
import { SiteHeader } from "#shell/site-header.tsx";
import * as texts from "#texts/pages.ts";

export default async function MissingNotFound() {
  const session = await getSession().catch(() => null);
  return (
    <MessagePage
      header={session ? <SignedInHeader user={session.user} /> : <SiteHeader />}
      {...texts.notFound}
    >
      <Link className="text-link" href={session ? "/notes" : "/"}>
        {session ? texts.toNotes : texts.toStart}
      </Link>
    </MessagePage>
  );
}
