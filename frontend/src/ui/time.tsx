"use client";

import { formatDateTime, formatRelative } from "#ui/format.ts";

/** A moment in words, with the exact time as a tooltip. */
export function Time({ at }: { at: string }) {
  const date = new Date(at);
  return (
    <time dateTime={at} title={formatDateTime(date)}>
      {formatRelative(date, new Date())}
    </time>
  );
}
