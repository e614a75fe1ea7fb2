import type { ClientKind } from "../plugin/client-kind.ts";
import { sharedStorage } from "../plugin/shared-storage.ts";

/** Who gets a token: a browser, into its HttpOnly cookie alone, or a client that holds its tokens itself. */
export type TokenHolder = ClientKind;

const holder = sharedStorage<TokenHolder>("holder");

/** Runs a minting whose token goes to `kind`. */
export const mintingFor = <T>(kind: TokenHolder, work: () => Promise<T>): Promise<T> =>
  holder.run(kind, work);

/** Who gets the token that is being minted; nothing outside of {@link mintingFor}. */
export const holderOfMinting = (): TokenHolder | undefined => holder.getStore();
