/** The device of a session, as far as its user agent tells. */
export interface Device {
  browser?: string;
  os?: string;
  kind: "desktop" | "mobile" | "tablet" | "other";
}

/** A session as its user, or an administrator, sees it. */
export interface SessionRecord {
  id: string;
  current: boolean;
  createdAt: string;
  lastSeenAt: string;
  expiresAt: string;
  device: Device;
  ipAddress: string | null;
  /** Country of the address. */
  place: string | null;
}

/** Something that happened to an account; `actor` is "you" when its own user did it. */
export interface EventRecord {
  id: string;
  type: string;
  at: string;
  actor: "you" | "administrator" | "operator" | "system" | "unknown";
  details: string | null;
  /** Whose session it was that was ended, where that is on record. */
  ended?: Device | null;
  device: Device;
  ipAddress: string | null;
  place: string | null;
}

/** Events, latest first; `next` leads to the page after. */
export type EventPage = { events: EventRecord[]; next: string | null };
