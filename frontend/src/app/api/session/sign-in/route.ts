import { startSession } from "#server/identity/credentials.ts";

export const POST = (request: Request): Promise<Response> => startSession("sign-in", request, "browser");
