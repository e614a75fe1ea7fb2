import { type BetterAuthOptions, betterAuth } from "better-auth";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { revocableJwt } from "../src/index.ts";
import { AccessTokenCookie, backendForFrontend } from "../src/server.ts";
import { type FakeApi, prepareDatabase, startFakeApi } from "../src/testing.ts";
import { ORIGIN, stockOptions } from "./applications.ts";
import { ownDatabase } from "./database.ts";

const COOKIES = {
  sessionToken: "better-auth.session_token",
  dontRemember: "better-auth.dont_remember",
  secure: false,
};

/** A browser's request from a page of the application. */
export const request = (path: string, cookie: string, init: RequestInit = {}) =>
  new Request(`${ORIGIN}${path}`, { ...init, headers: { cookie, origin: ORIGIN, ...init.headers } });

/** The session's cookie and that of a token that is held, as a browser sends them. */
export function holding(cookie: string, accessToken: string): string {
  const set = new AccessTokenCookie(COOKIES).set({ accessToken, expiresIn: 60 }, new Headers({ cookie }));
  return `${cookie}; ${set.split(";", 1)[0]}`;
}

/** An application with a database of its own, and an API behind its backend-for-frontend. Both are filled in before the
 * first test. */
export function ownBackend() {
  const own = ownDatabase();
  const application = (more: Omit<BetterAuthOptions, "plugins" | "database"> = {}) =>
    betterAuth({
      ...stockOptions,
      ...more,
      database: own.pool,
      logger: { disabled: true },
      plugins: [
        ...revocableJwt({ audience: "https://api.example.com", issuer: ORIGIN, clientAddress: "fly" }),
      ],
    });
  const stage = { own, application } as {
    own: typeof own;
    application: typeof application;
    auth: ReturnType<typeof application>;
    api: FakeApi;
  };
  beforeAll(async () => {
    stage.auth = application();
    await prepareDatabase(stage.auth);
    stage.api = await startFakeApi();
  });
  beforeEach(() => stage.api.reset());
  afterAll(() => stage.api.close());
  return Object.assign(stage, {
    /** The answer to a browser's request. */
    send: (path: string, cookie: string, init?: RequestInit) =>
      backendForFrontend(stage.auth, { api: `${stage.api.url}/v1/` })(request(path, cookie, init)),
    /** The tokens that the API was sent. */
    bearers: () =>
      stage.api.received.map(({ headers }) => String(headers.authorization).replace("Bearer ", "")),
  });
}
