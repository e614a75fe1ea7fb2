import { AsyncLocalStorage } from "node:async_hooks";

const audience = new AsyncLocalStorage<string>();

/** Runs `work`; the access tokens that it mints are for this audience, and no other service accepts them. */
export const mintingForAudience = <T>(name: string, work: () => Promise<T>): Promise<T> =>
  audience.run(name, work);

/** The audience of the token that is being minted; nothing for the usual one. */
export const audienceOfMinting = (): string | undefined => audience.getStore();
