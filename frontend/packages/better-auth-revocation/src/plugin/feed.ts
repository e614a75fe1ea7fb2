import { APIError, createAuthEndpoint } from "better-auth/api";
import { described } from "./described.ts";
import { REVOCATION_ERROR_CODES as CODES } from "./error-codes.ts";
import { FeedServer } from "./feed-server.ts";
import { unlessAway } from "./outage.ts";
import type { Runtime } from "./runtime.ts";

/** The revocation feed as an endpoint of Better Auth's. */
export function feedEndpoint(runtime: Runtime) {
  let server: FeedServer | undefined;
  return {
    readRevocations: createAuthEndpoint(
      "/revocations",
      {
        method: "GET",
        requireHeaders: true,
        metadata: described("readRevocations", "The revocation feed, for resource servers with a credential"),
      },
      async (ctx) => {
        server ??= new FeedServer(runtime.database, runtime.store);
        const feed = server;
        const asked = { headers: ctx.headers, signal: ctx.request?.signal };
        const answer = await unlessAway(() =>
          feed.answer(ctx.query, asked, runtime.settings.feedCredentials()),
        );
        if (answer.status === 401) {
          throw new APIError("UNAUTHORIZED", CODES.FEED_CREDENTIAL_INVALID, { "WWW-Authenticate": "Bearer" });
        }
        if (answer.status === 400) throw APIError.from("BAD_REQUEST", CODES.CURSOR_INVALID);
        if (answer.status === 304) throw new APIError("NOT_MODIFIED", undefined, answer.headers);
        for (const [name, value] of Object.entries(answer.headers)) ctx.setHeader(name, value);
        return ctx.json(answer.page);
      },
    ),
  };
}
