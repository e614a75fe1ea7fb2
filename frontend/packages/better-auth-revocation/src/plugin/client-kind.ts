import { defineRequestState, hasRequestState } from "@better-auth/core/context";
import type { BetterAuthPlugin } from "better-auth";
import { withHeaders } from "../backend-for-frontend/with-headers.ts";
import { isUsedUp } from "./password.ts";
import { sharedStorage } from "./shared-storage.ts";

/** Whose a session is: a browser's, which never gets hold of a token, or a client's that holds its tokens itself. */
export type ClientKind = "browser" | "token";

const opening = sharedStorage<ClientKind>("opening");

/** Runs `work`; a session that it opens is of this kind whatever the request looks like. */
export const openingSessionFor = <T>(kind: ClientKind, work: () => Promise<T>): Promise<T> =>
  opening.run(kind, work);

/** The kind of session that a request opens. What can't be told is a browser's: that one gets no token. */
export const kindOfNewSession = (headers: Headers | undefined): ClientKind =>
  opening.getStore() ?? (headers && !isFromBrowser(headers) ? "token" : "browser");

const BROWSER_HEADERS = ["cookie", "origin", "referer", "sec-fetch-site"];

/** Whether a request may come from a page. A browser sends `Origin` with each POST, and no script can keep it from doing
 * so (Fetch, section 3.2); `Sec-Fetch-Mode` alone is what Node's own fetch sends. */
export const isFromBrowser = (headers: Headers): boolean =>
  !isFromNativeApp(headers) && BROWSER_HEADERS.some((name) => headers.has(name));

/** Whether a request is from an application by `@better-auth/expo`, whose server half makes `Origin` of `expo-origin`, its own
 * scheme. A page can send that header too, but not take away its `Origin`. */
function isFromNativeApp(headers: Headers): boolean {
  const scheme = headers.get("expo-origin");
  if (scheme === null || headers.has("sec-fetch-site") || headers.has("referer")) return false;
  return headers.get("origin") === scheme && !/^(?:https?:|null$)/i.test(scheme);
}

/** `request` without the header by which Better Auth would take a client for a browser that hides its origin. */
export function plainRequest(request: Request): Request {
  if (!request.headers.has("sec-fetch-mode") || isFromBrowser(request.headers)) return request;
  const headers = new Headers(request.headers);
  headers.delete("sec-fetch-mode");
  return withHeaders(request, headers);
}

/** The kind of who began the sign-in that this request finishes. */
const began = defineRequestState<{ kind?: unknown }>(() => ({}));

/** Stored with each session when it is opened, and with a client's sign-in that waits for its second factor. One from before
 * counts as a browser's. */
const clientKind = { type: "string", required: false, input: false } as const;

/** Records of each session whether a browser opened it. `revocableJwt()` has it. */
export const sessionKind = () =>
  ({
    id: "session-kind",
    schema: { session: { fields: { clientKind } }, verification: { fields: { clientKind } } },
    init: () => ({ options: { databaseHooks: sessionKindHooks } }),
  }) satisfies BetterAuthPlugin;

/** Whether the session that the request came with is the same user's and holds tokens: then so does the one that follows it,
 * as after a change of password. */
function followsTokenSession({ userId }: { userId: string }, present: unknown): boolean {
  const { session } = Object(present) as { session?: { userId: string; clientKind?: unknown } };
  return session?.userId === userId && session.clientKind === "token";
}

/** Of a request, or nothing where the server opens a session of its own accord. */
type Opening =
  | {
      path?: string;
      headers?: Headers | undefined;
      request?: Request | undefined;
      context?: { session?: unknown };
    }
  | null
  | undefined;

/** The headers as the client sent them: to those of the context bearer() adds a cookie. */
const sentBy = (ctx: Opening): Headers | undefined => ctx?.request?.headers ?? ctx?.headers;

/** Whether the request finishes a sign-in with the second factor that a client began which holds its tokens. The challenge is
 * in a cookie, by which such a client would look like a browser. */
async function finishesTokenSignIn(ctx: Opening): Promise<boolean> {
  if (opening.getStore() !== undefined || !ctx?.path?.startsWith("/two-factor/")) return false;
  return (await hasRequestState()) && (await began.get()).kind === "token";
}

const sessionKindHooks = {
  session: {
    create: {
      before: async <Row extends { userId: string }>(row: Row, ctx: Opening) => {
        const follows = followsTokenSession(row, ctx?.context?.session) || (await finishesTokenSignIn(ctx));
        return { data: { ...row, clientKind: follows ? "token" : kindOfNewSession(sentBy(ctx)) } };
      },
    },
  },
  verification: {
    create: {
      before: async <Row extends object>(row: Row, ctx: Opening) => {
        const isChallenge = ctx?.path?.startsWith("/sign-in/") && kindOfNewSession(sentBy(ctx)) === "token";
        return { data: isChallenge ? { ...row, clientKind: "token" } : row };
      },
    },
    // What is used up here was written by an earlier request.
    delete: {
      before: async (verification: Record<string, unknown>) => {
        if (isUsedUp(verification) && (await hasRequestState()))
          (await began.get()).kind = verification["clientKind"];
      },
    },
  },
};
