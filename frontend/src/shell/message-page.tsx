import type { ReactNode } from "react";
import { Message } from "#shell/message.tsx";
import { SiteHeader } from "#shell/site-header.tsx";

/** A page that says one thing, and where to go from there. */
export function MessagePage({
  header = <SiteHeader />,
  ...message
}: {
  title: string;
  text: string;
  header?: ReactNode;
  children: ReactNode;
}) {
  return (
    <>
      {header}
      <main className="mx-auto w-full max-w-6xl px-5 pt-10 pb-24 sm:px-8 sm:pt-14" id="main">
        <Message {...message} />
      </main>
    </>
  );
}
