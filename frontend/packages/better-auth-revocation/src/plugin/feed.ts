import { APIError, createAuthEndpoint } from "better-auth/api";
import type { Database } from "../database/database.ts";
import { described } from "./described.ts";
import { REVOCATION_ERROR_CODES as CODES } from "./error-codes.ts";
import { FeedServer } from "./feed-server.ts";
import { unlessAway } from "./outage.ts";
import type { Runtime } from "./runtime.ts";

/** The revocation feed as an endpoint of Better Auth's. */
export function feedEndpoint(runtime: Runtime) {
  const servers = new WeakMap<Database, FeedServer>();
  return {
    readRevocations: createAuthEndpoint(
      "/revocations",
      {
        method: "GET",
        requireHeaders: true,
        metadata: described("readRevocations", "The revocation feed, for resource servers with a credential"),
      },
      async (ctx) => {
        // Another start may have brought another pool.
        const { database, store } = runtime;
        const feed = servers.get(database) ?? new FeedServer(database, store);
        servers.set(database, feed);
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
