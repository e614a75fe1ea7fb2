import { startSession } from "#server/identity/credentials.ts";

export const POST = (request: Request): Promise<Response> => startSession("sign-up", request, "browser");
