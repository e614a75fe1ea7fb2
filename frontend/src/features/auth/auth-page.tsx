import type { ReactNode } from "react";
import { SiteHeader } from "#shell/site-header.tsx";
import { TokenPass } from "#ui/token-pass.tsx";

/** The frame of the sign-up and the sign-in page: the form, and beside it what one gets. */
export function AuthPage({
  title,
  lead,
  children,
  footer,
}: {
  title: string;
  lead: string;
  children: ReactNode;
  footer: ReactNode;
}) {
  return (
    <>
      <SiteHeader />
      <main
        className="mx-auto grid w-full max-w-6xl gap-16 px-5 pt-8 pb-20 sm:px-8 lg:grid-cols-[minmax(0,27rem)_1fr] lg:pt-16"
        id="main"
      >
        <div>
          <h1 className="font-display text-4xl font-medium tracking-tight">{title}</h1>
          <p className="mt-3 mb-8 text-muted">{lead}</p>
          {children}
          <p className="mt-8 text-sm text-muted">{footer}</p>
        </div>
        <div className="hidden lg:flex lg:justify-end">
          <TokenPass />
        </div>
      </main>
    </>
  );
}
