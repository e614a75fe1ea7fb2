/** Why a session is over. */
export type EndReason = "deleted" | "suspended" | "password_changed" | "ended_elsewhere" | "expired";

/** What a browser is told of its session as it happens, by server-sent events of `/api/session/events`. */
export type SessionEvent =
  /** It lives, and is this user's. */
  | { type: "live"; subject: string }
  /** It is over; since when (ISO 8601), where that is known. The stream ends. */
  | { type: "ended"; reason?: EndReason; at?: string };
