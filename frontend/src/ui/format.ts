import { LANG } from "#texts/language.ts";
import * as texts from "#texts/times.ts";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The language of the texts, as it is written where the reader is: their order of day and month, their clock. */
function reader(): string {
  try {
    const { region } = new Intl.Locale(globalThis.navigator?.language ?? LANG).maximize();
    return region ? `${LANG}-${region}` : LANG;
  } catch {
    return LANG;
  }
}

const locale = reader();
const absolute = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeStyle: "short" });
const clock = new Intl.DateTimeFormat(locale, { timeStyle: "short" });
const day = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
const relative = new Intl.RelativeTimeFormat(LANG, { numeric: "auto" });

/** "November 20, 2026 at 11:59 PM" or "20 November 2026 at 23:59", in the reader's time zone. */
export function formatDateTime(date: Date): string {
  return absolute.format(date);
}

/** "11:59 PM" or "23:59", in the reader's time zone. */
export function formatTime(date: Date): string {
  return clock.format(date);
}

/** "in 30 days", "2 hours ago", "just now"; a plain date when it is more than six weeks away. */
export function formatRelative(date: Date, now: Date): string {
  const seconds = (date.getTime() - now.getTime()) / 1000;
  const distance = Math.abs(seconds);
  if (distance < MINUTE) return seconds > 0 ? texts.inLessThanAMinute : texts.justNow;
  if (distance < HOUR) return relative.format(Math.trunc(seconds / MINUTE), "minute");
  if (distance < DAY) return relative.format(Math.trunc(seconds / HOUR), "hour");
  if (distance < 42 * DAY) return relative.format(Math.round(seconds / DAY), "day");
  return day.format(date);
}

/** As {@link formatRelative}, of a moment that has passed, even since the last look at the clock. */
export function formatPast(date: Date, now: Date): string {
  return formatRelative(date < now ? date : now, now);
}

/** The beginning of an id: enough to tell two apart. */
export function shortId(id: string): string {
  return id.length > 8 ? `${id.slice(0, 8)}…` : id;
}

/** "45 s", "2 min 5 s": time that is counted down. */
export function waitText(seconds: number): string {
  const minutes = Math.floor(seconds / MINUTE);
  const rest = seconds % MINUTE;
  return [minutes && texts.minutes(minutes), (rest || !minutes) && texts.seconds(rest)]
    .filter(Boolean)
    .join(" ");
}
