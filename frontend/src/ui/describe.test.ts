import { expect, test } from "vitest";
import type { EventRecord } from "#client/records.ts";
import { describeDevice, describeEvent, describePlace } from "#ui/describe.ts";

test("a device is named by what is known of it", () => {
  expect(describeDevice({ browser: "Firefox", os: "Linux", kind: "desktop" })).toBe("Firefox on Linux");
  expect(describeDevice({ browser: "curl", kind: "other" })).toBe("curl");
  expect(describeDevice({ os: "iOS", kind: "mobile" })).toBe("A phone with iOS");
  expect(describeDevice({ kind: "other" })).toBe("An unknown device");
});

test("a place is named by what is known of it", () => {
  expect(describePlace("Netherlands", "192.0.2.1")).toBe("Netherlands (192.0.2.1)");
  expect(describePlace(null, "192.0.2.1")).toBe("192.0.2.1");
  expect(describePlace(null, null)).toBeUndefined();
});

test("an event says who did it unless it was the person", () => {
  const event = { id: "1", at: "", device: { kind: "other" }, ipAddress: null, place: null } as const;
  const say = (part: Pick<EventRecord, "type" | "actor" | "details">) => describeEvent({ ...event, ...part });
  expect(say({ type: "signed_in", actor: "you", details: null })).toBe("Signed in");
  expect(say({ type: "role_changed", actor: "administrator", details: "admin" })).toBe(
    "Role changed: admin, by an administrator",
  );
  expect(say({ type: "something_new", actor: "operator", details: null })).toBe(
    "Account changed, by the operator",
  );
});
