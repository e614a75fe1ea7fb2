import { streamSessionEvents } from "#server/identity/session-events.ts";

export const GET = streamSessionEvents;
