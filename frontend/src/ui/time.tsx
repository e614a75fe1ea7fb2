"use client";

import * as texts from "#texts/times.ts";
import { formatDateTime, formatPast, formatRelative } from "#ui/format.ts";
import { useNow } from "#ui/use-now.ts";

/** A moment that has passed, in words that go on with the time, with the exact one as a tooltip. */
export function Time({ at }: { at: string }) {
  const now = useNow();
  const date = new Date(at);
  return (
    <time dateTime={at} title={now && formatDateTime(date)}>
      {now ? formatPast(date, now) : at.slice(0, 10)}
    </time>
  );
}

/** A moment by day and clock. */
export function ExactTime({ at }: { at: string }) {
  const now = useNow();
  return <time dateTime={at}>{now ? formatDateTime(new Date(at)) : at.slice(0, 10)}</time>;
}

/** "30 days": how long it is until a moment. */
export function TimeUntil({ at }: { at: string }) {
  const now = useNow();
  return now ? texts.withoutIn(formatRelative(new Date(at), now)) : "\u00a0";
}
