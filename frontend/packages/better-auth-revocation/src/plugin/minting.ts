import { sharedStorage } from "./shared-storage.ts";

/** What is decided of a token before it is minted. */
export interface Minting {
  /** The `aud`, instead of the usual one: no other service accepts the token. */
  audience?: string;
  jti?: string;
  /** In epoch seconds. */
  iat?: number;
}

const minting = sharedStorage<Minting>("minting");

/** Runs `work`; the access tokens that it mints are like this, and otherwise as they are usually. */
export const mintingWith = <T>(decided: Minting, work: () => Promise<T>): Promise<T> =>
  minting.run({ ...minting.getStore(), ...decided }, work);

/** What is decided of the token that is being minted. */
export const currentMinting = (): Minting => minting.getStore() ?? {};
