import { issueToken } from "#lib/auth/credentials.ts";

export const POST = (request: Request): Promise<Response> => issueToken("sign-up", request);
