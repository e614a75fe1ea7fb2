"use client";

import { useEffect, useRef } from "react";

/** What has just been done, in place of what the person pressed, which may be gone: it takes the focus, and so is read out. */
export function Outcome({ text }: { text: string | undefined }) {
  const paragraph = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    if (text) paragraph.current?.focus();
  }, [text]);
  if (!text) return null;
  return (
    <p className="mb-4 text-sm font-medium text-accent outline-none" ref={paragraph} tabIndex={-1}>
      {text}
    </p>
  );
}
