import { AsyncLocalStorage } from "node:async_hooks";

/** Whose a session is: a browser's, which never gets hold of a token, or a client's that holds its tokens itself. */
export type ClientKind = "browser" | "token";

const opening = new AsyncLocalStorage<ClientKind>();

/** Runs `work`; a session that it opens is of this kind whatever the request looks like. */
export const openingSessionFor = <T>(kind: ClientKind, work: () => Promise<T>): Promise<T> =>
  opening.run(kind, work);

/** The kind of session that a request opens. What can't be told is a browser's: that one gets no token. */
export const kindOfNewSession = (headers: Headers | undefined): ClientKind =>
  opening.getStore() ?? (headers && !isFromBrowser(headers) ? "token" : "browser");

const BROWSER_HEADERS = ["cookie", "origin", "referer", "sec-fetch-site"];

/** Whether a request may come from a page. A browser sends `Origin` with each POST, and no script can keep it from doing
 * so (Fetch, section 3.2); `Sec-Fetch-Mode` alone is what Node's own fetch sends. */
export const isFromBrowser = (headers: Headers) => BROWSER_HEADERS.some((name) => headers.has(name));
