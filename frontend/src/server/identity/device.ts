import Bowser from "bowser";

/** What a person recognises a device by; parts that its User-Agent does not tell are absent. */
export type Device = { browser?: string; os?: string; kind: "desktop" | "mobile" | "tablet" | "other" };

const KINDS = new Set<Device["kind"]>(["desktop", "mobile", "tablet"]);

export function parseDevice(userAgent: string | null | undefined): Device {
  if (!userAgent) return { kind: "other" };
  const { browser, os, platform } = Bowser.parse(userAgent);
  const kind = [...KINDS].find((known) => known === platform.type) ?? "other";
  return { kind, ...(browser.name && { browser: browser.name }), ...(os.name && { os: os.name }) };
}
