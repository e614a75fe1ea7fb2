import { startBrowserSession } from "#lib/auth/browser-session.ts";

export const POST = (request: Request): Promise<Response> => startBrowserSession("sign-in", request);
