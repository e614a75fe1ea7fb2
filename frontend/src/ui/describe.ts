import type { Device, EventRecord } from "#client/records.ts";
import * as texts from "#texts/activity.ts";

/** "Chrome on Linux", or as much of it as is known. */
export function describeDevice({ browser, os, kind }: Device): string {
  if (browser && os) return texts.browserOn(browser, os);
  return browser ?? (os ? texts.kindWith(texts.kinds[kind], os) : texts.kinds[kind]);
}

/** "Netherlands (192.0.2.1)", or as much of it as is known. */
export function describePlace(place: string | null, ipAddress: string | null): string | undefined {
  if (place && ipAddress) return `${place} (${ipAddress})`;
  return place ?? ipAddress ?? undefined;
}

/** Types whose details are for people; those of the others are for the record. */
const TOLD: ReadonlySet<string> = new Set(["role_changed", "banned", "user_changed"]);

/** What happened, and who did it when it was not the person. */
export function describeEvent({ type, actor, details, ended }: EventRecord): string {
  const what = ended ? texts.sessionEnded(describeDevice(ended)) : (texts.events[type] ?? texts.unknownEvent);
  const told = details && TOLD.has(type) ? texts.withDetails(what, details) : what;
  return [told, texts.actors[actor]].filter(Boolean).join(", ");
}
