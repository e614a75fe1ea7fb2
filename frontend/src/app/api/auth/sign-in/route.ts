import { issueCredentials, tokenResponse } from "#lib/auth/credentials.ts";

export async function POST(request: Request): Promise<Response> {
  const issued = await issueCredentials("sign-in", request);
  return issued instanceof Response ? issued : tokenResponse(issued);
}
