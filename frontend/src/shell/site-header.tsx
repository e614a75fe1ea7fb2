import Link from "next/link";
import type { ReactNode } from "react";
import { isAdministrator, type SignedIn } from "#contract/signed-in.ts";
import { NavLink } from "#shell/nav-link.tsx";
import { SignOutButton } from "#shell/sign-out-button.tsx";
import { ThemeToggle } from "#shell/theme-toggle.tsx";
import { Wordmark } from "#ui/wordmark.tsx";

/** The bar on top of every page; with `user` it has the way round for somebody who is signed in. */
export function SiteHeader({ user }: { user?: SignedIn }) {
  return (
    <header className="border-b border-border">
      <div className="mx-auto flex w-full max-w-6xl flex-wrap items-center gap-x-8 px-5 sm:px-8">
        <div className="flex h-16 items-center">
          <Wordmark />
        </div>
        {user && (
          <nav
            aria-label="Main"
            className="order-last -mx-5 flex w-[calc(100%+2.5rem)] gap-6 overflow-x-auto px-5 sm:order-none sm:mx-0 sm:w-auto sm:px-0"
          >
            <NavLink href="/notes">Notes</NavLink>
            <NavLink href="/account">Account</NavLink>
            <NavLink href="/lab">Lab</NavLink>
            {isAdministrator(user) && <NavLink href="/admin">Admin</NavLink>}
          </nav>
        )}
        <div className="ms-auto -me-3 flex items-center gap-1.5">
          <ThemeToggle />
          {user ? <SignOutButton userId={user.id} /> : <SignedOutLinks />}
        </div>
      </div>
    </header>
  );
}

function SignedOutLinks(): ReactNode {
  return (
    <Link className="rounded px-3 py-2 text-sm font-medium hover:underline" href="/sign-in">
      Sign in
    </Link>
  );
}
