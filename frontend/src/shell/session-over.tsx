"use client";

import { useEffect, useRef } from "react";
import { sentencesFor } from "#client/reasons.ts";
import type { PageEnd } from "#client/session-watch.ts";
import { signInPath } from "#contract/return-to.ts";
import * as texts from "#texts/session.ts";
import { SITE_NAME } from "#texts/site.ts";
import { buttonClass } from "#ui/button-class.ts";
import { formatTime } from "#ui/format.ts";
import { Wordmark } from "#ui/wordmark.tsx";

/** Stands where a person's page stood until it was over: says why and when, and where to go from here. */
export function SessionOver({ end }: { end: PageEnd }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const { title, text } = sentencesFor(end);

  useEffect(() => {
    document.title = `${title} · ${SITE_NAME}`;
    heading.current?.focus();
    // The page's data came with it, in scripts that have run.
    for (const script of document.querySelectorAll("script:not([src])")) script.remove();
  }, [title]);

  const here = typeof location === "undefined" ? "" : location.pathname + location.search;
  const isSignedIn = end.type === "signed-in";
  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-2xl flex-col px-5 sm:px-8" id="main">
      <div className="flex h-16 items-center">
        <Wordmark />
      </div>
      <div className="my-auto pb-24">
        <h1
          className="font-display text-4xl font-medium tracking-tight outline-none sm:text-5xl"
          ref={heading}
          tabIndex={-1}
        >
          {title}
        </h1>
        <p className="mt-4 mb-8 max-w-[52ch] text-lg leading-8 text-muted">
          {end.type === "ended" && end.at && (
            <>
              {texts.at[0]}
              <time dateTime={end.at}>{formatTime(new Date(end.at))}</time>
              {texts.at[1]}
            </>
          )}
          {text}
        </p>
        {/* Plain links: what the router has kept is of the session that is over. */}
        <a
          className={buttonClass({ size: "lg", className: "h-12 px-6 text-base md:h-12" })}
          href={isSignedIn ? (end.isSame ? here : "/notes") : signInPath({ returnTo: here })}
        >
          {isSignedIn ? (end.isSame ? texts.goOn : texts.goToTheirNotes) : texts.signInAgain}
        </a>
      </div>
    </main>
  );
}
