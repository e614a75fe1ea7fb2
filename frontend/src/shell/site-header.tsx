import Link from "next/link";
import type { ReactNode } from "react";
import { ThemeToggle } from "#shell/theme-toggle.tsx";
import * as texts from "#texts/frame.ts";
import { Wordmark } from "#ui/wordmark.tsx";

/** The bar on top of every page. For who is signed in it has the way round and the way out; see SignedInHeader. */
export function SiteHeader({ nav, exit }: { nav?: ReactNode; exit?: ReactNode }) {
  return (
    <header className="border-b border-border">
      <div className="mx-auto flex w-full max-w-6xl flex-wrap items-center gap-x-8 px-5 sm:px-8">
        <div className="flex h-16 items-center">
          <Wordmark />
        </div>
        {nav && (
          <nav
            aria-label={texts.navigation}
            className="order-last -mx-5 flex w-[calc(100%+2.5rem)] gap-6 overflow-x-auto px-5 sm:order-none sm:mx-0 sm:w-auto sm:px-0"
          >
            {nav}
          </nav>
        )}
        <div className="ms-auto -me-3 flex items-center gap-1.5">
          <ThemeToggle />
          {exit ?? (
            <Link className="rounded px-3 py-2 text-sm font-medium hover:underline" href="/sign-in">
              {texts.signIn}
            </Link>
          )}
        </div>
      </div>
    </header>
  );
}
