"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import type { ReactNode } from "react";

export function NavLink({ href, children }: { href: string; children: ReactNode }) {
  const isHere = usePathname() === href;
  return (
    <Link
      aria-current={isHere ? "page" : undefined}
      className="-mb-px flex h-11 items-center border-b-2 border-transparent text-sm font-medium text-muted hover:text-foreground aria-[current=page]:border-accent aria-[current=page]:text-foreground sm:h-16"
      href={href}
    >
      {children}
    </Link>
  );
}
