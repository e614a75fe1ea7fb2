import { startSession } from "#lib/auth/credentials.ts";

export const POST = (request: Request): Promise<Response> => startSession("sign-in", request);
