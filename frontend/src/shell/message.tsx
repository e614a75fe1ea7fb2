import type { ReactNode } from "react";

/** What a page says that says one thing, and where to go from there. */
export function Message({ title, text, children }: { title: string; text: string; children: ReactNode }) {
  return (
    <div className="py-10 sm:py-16">
      <h1 className="font-display text-4xl font-medium tracking-tight sm:text-5xl">{title}</h1>
      <p className="mt-4 mb-8 max-w-[52ch] text-lg leading-8 text-muted">{text}</p>
      {children}
    </div>
  );
}
