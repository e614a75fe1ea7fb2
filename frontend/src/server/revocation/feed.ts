import { FeedServer } from "better-auth-revocation/composition";
import { env } from "#server/env.ts";
import { problemResponse } from "#server/http/problem.ts";
import { revocations } from "#server/revocation/store.ts";

let server: FeedServer | undefined;

/** Serves the revocation feed to a resource server that must not reach the database; see its client for the protocol. */
export async function serveRevocations(request: Request): Promise<Response> {
  const { REVOCATION_FEED_TOKEN: current, REVOCATION_FEED_TOKEN_PREVIOUS: previous } = env();
  const credentials = [current, previous].filter((credential) => credential !== undefined);
  if (!server) {
    const { database, store } = revocations();
    server = new FeedServer(database, store);
  }
  const query = Object.fromEntries(new URL(request.url).searchParams);
  const answer = await server.answer(query, request, credentials);
  switch (answer.status) {
    case 200:
      return Response.json(answer.page, { headers: answer.headers });
    case 304:
      return new Response(null, { status: 304, headers: answer.headers });
    case 400:
      return problemResponse("bad_request");
    case 401:
      return problemResponse("token_invalid", { headers: { "WWW-Authenticate": "Bearer" } });
  }
}
