"use client";

import Link from "next/link";
import type { ReactNode } from "react";
import { useQuery } from "#features/auth/use-query.ts";

/** Leads from one form to the other, and keeps the page that the person wanted to see. */
export function OtherFormLink({ href, children }: { href: "/sign-in" | "/sign-up"; children: ReactNode }) {
  const returnTo = useQuery("return_to");
  return (
    <Link className="text-link" href={returnTo ? { pathname: href, query: { return_to: returnTo } } : href}>
      {children}
    </Link>
  );
}
