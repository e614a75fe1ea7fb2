import { AsyncLocalStorage } from "node:async_hooks";

/** What is decided of a token before it is minted. `iat`: in epoch seconds. */
export type DecidedToken = { jti: string; iat: number };

const decided = new AsyncLocalStorage<DecidedToken>();

/** Runs `work`; the access token that it mints has this id and time of issue. */
export const mintingAs = <T>(token: DecidedToken, work: () => Promise<T>): Promise<T> =>
  decided.run(token, work);

/** What is decided of the token that is being minted, if anything. */
export const decidedToken = (): DecidedToken | undefined => decided.getStore();
