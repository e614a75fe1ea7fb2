"use client";

import Link, { useLinkStatus } from "next/link";
import { usePathname } from "next/navigation";
import type { ReactNode } from "react";

/** A link of the signed-in header. It shows at once that it was pressed, even on a slow connection. */
export function NavLink({ href, children }: { href: string; children: ReactNode }) {
  const isHere = usePathname() === href;
  return (
    <Link
      aria-current={isHere ? "page" : undefined}
      className="-mb-px flex h-11 items-center border-b-2 border-transparent text-sm font-medium text-muted hover:text-foreground has-data-pending:border-accent has-data-pending:text-foreground aria-[current=page]:border-accent aria-[current=page]:text-foreground sm:h-16"
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
