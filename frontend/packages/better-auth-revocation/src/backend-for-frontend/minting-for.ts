import { AsyncLocalStorage } from "node:async_hooks";

/** Who gets a token: a browser, into its HttpOnly cookie alone, or a client that holds its tokens itself. */
export type TokenHolder = "browser" | "token";

// One for the process: a bundler may load this module twice, for the backend-for-frontend and for the plugin.
const KEY = Symbol.for("better-auth-revocation.holder");
const shared = globalThis as { [KEY]?: AsyncLocalStorage<TokenHolder> };
shared[KEY] ??= new AsyncLocalStorage<TokenHolder>();
const holder = shared[KEY];

/** Runs a minting whose token goes to `kind`. */
export const mintingFor = <T>(kind: TokenHolder, work: () => Promise<T>): Promise<T> =>
  holder.run(kind, work);

/** Who gets the token that is being minted; nothing outside of {@link mintingFor}. */
export const holderOfMinting = (): TokenHolder | undefined => holder.getStore();
