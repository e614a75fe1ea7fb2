"use client";

import Link, { useLinkStatus } from "next/link";
import { usePathname } from "next/navigation";
import type { ReactNode } from "react";

/** A link of the signed-in header, marked on the page that it leads to and on those below. It shows at once that it was
 * pressed, even on a slow connection. */
export function NavLink({ href, children }: { href: string; children: ReactNode }) {
  const path = usePathname();
  const isBelow = path.startsWith(`${href}/`);
  return (
    <Link
      aria-current={path === href ? "page" : isBelow || undefined}
      className="-mb-px flex h-11 items-center border-b-2 border-transparent text-sm font-medium text-muted hover:text-foreground has-data-pending:border-accent has-data-pending:text-foreground aria-[current]:border-accent aria-[current]:text-foreground sm:h-16"
      href={href}
    >
      <Pressed>{children}</Pressed>
    </Link>
  );
}

function Pressed({ children }: { children: ReactNode }) {
  const { pending } = useLinkStatus();
  return <span {...(pending && { "data-pending": true })}>{children}</span>;
}
