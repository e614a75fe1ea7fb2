import Link from "next/link";
import { getSession } from "#server/identity/session.ts";
import { MessagePage } from "#shell/message-page.tsx";
import { NOT_FOUND } from "#shell/not-found-texts.ts";
import { SignedInHeader } from "#shell/signed-in-header.tsx";
import { SiteHeader } from "#shell/site-header.tsx";

export default async function MissingNotFound() {
  const session = await getSession().catch(() => null);
  return (
    <MessagePage header={session ? <SignedInHeader user={session.user} /> : <SiteHeader />} {...NOT_FOUND}>
      <Link className="text-link" href={session ? "/notes" : "/"}>
        {session ? "Go to your notes" : "Go to the start page"}
      </Link>
    </MessagePage>
  );
}
