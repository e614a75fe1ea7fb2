import type { ReactNode } from "react";
import { Wordmark } from "#ui/wordmark.tsx";

/** A page that says one thing, and where to go from there. */
export function MessagePage({ title, text, children }: { title: string; text: string; children: ReactNode }) {
  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-2xl flex-col px-5 sm:px-8" id="main">
      <div className="flex h-16 items-center">
        <Wordmark />
      </div>
      <div className="my-auto pb-24">
        <h1 className="font-display text-4xl font-medium tracking-tight sm:text-5xl">{title}</h1>
        <p className="mt-4 mb-8 max-w-[52ch] text-lg leading-8 text-muted">{text}</p>
        {children}
      </div>
    </main>
  );
}
