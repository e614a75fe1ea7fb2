import Link from "next/link";
import { SITE_NAME } from "#texts/site.ts";

export function Wordmark() {
  return (
    <Link className="inline-flex items-center gap-2.5 rounded text-foreground no-underline" href="/">
      <svg aria-hidden="true" className="size-6 text-accent" fill="none" viewBox="0 0 32 32">
        <path
          d="M26 21.5a11 11 0 1 1 .4-10.6"
          stroke="currentColor"
          strokeLinecap="round"
          strokeWidth="3.5"
        />
        <path
          d="M27.6 3.4v8.2h-8.2"
          stroke="currentColor"
          strokeLinecap="round"
          strokeLinejoin="round"
          strokeWidth="3.5"
        />
      </svg>
      <span className="font-display text-[1.35rem] leading-none font-semibold tracking-tight">
        {SITE_NAME}
      </span>
    </Link>
  );
}
