import type { AccountEvent, Device } from "#features/account/account-api.ts";

const KINDS: Record<Device["kind"], string> = {
  desktop: "A computer",
  mobile: "A phone",
  tablet: "A tablet",
  other: "An unknown device",
};

const EVENTS: Record<string, string> = {
  signed_up: "Account created",
  signed_in: "Signed in",
  sign_in_failed: "Sign-in with a wrong password",
  signed_out: "Signed out",
  password_changed: "Password changed",
  password_reset: "New password set by a link from an e-mail",
  session_ended: "A session was ended",
  other_sessions_ended: "All other sessions were ended",
  all_sessions_ended: "All sessions were ended",
  tokens_revoked: "Access tokens were revoked",
  token_reused: "A session was ended, for a token of it that had been renewed was used again",
  user_changed: "Your details were changed",
  role_changed: "Role changed",
  banned: "Account suspended",
  unbanned: "Suspension lifted",
  impersonated: "An administrator began to act as you",
  impersonation_ended: "An administrator stopped acting as you",
};

const ACTORS: Record<AccountEvent["actor"], string> = {
  you: "",
  administrator: "by an administrator",
  operator: "by the operator",
  system: "by itself",
  unknown: "",
};

/** "Chrome on Linux", or as much of it as is known. */
export function describeDevice({ browser, os, kind }: Device): string {
  if (browser && os) return `${browser} on ${os}`;
  return browser ?? (os ? `${KINDS[kind]} with ${os}` : KINDS[kind]);
}

/** "Netherlands (192.0.2.1)", or as much of it as is known. */
export function describePlace(place: string | null, ipAddress: string | null): string | undefined {
  if (place && ipAddress) return `${place} (${ipAddress})`;
  return place ?? ipAddress ?? undefined;
}

/** What happened, and who did it when it was not the person. */
export function describeEvent({ type, actor, details, ended }: AccountEvent): string {
  const what = ended
    ? `The session of ${describeDevice(ended)} was ended`
    : (EVENTS[type] ?? "Account changed");
  const detail = details && (type === "role_changed" || type === "banned") ? `: ${details}` : "";
  return [what + detail, ACTORS[actor]].filter(Boolean).join(", ");
}
