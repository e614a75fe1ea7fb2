import type { JWTPayload } from "jose";
import type { BackendContext } from "./auth.ts";
import { type MintedToken, MintingRefused } from "./mint.ts";

/** Milliseconds that an answer waits for a token that it could do without, and that none is waited for after that. */
const PATIENCE = 1_000;
const PAUSE = 10_000;

/** Whether Better Auth would extend the session of a token that is still good. It only does so when it looks the session
 * up, as for minting. The second more is what `iat` was rounded down by. */
export const isSlidingDue = ({ iat = 0 }: JWTPayload, { options, sessionConfig }: BackendContext): boolean =>
  !options.session?.disableSessionRefresh &&
  !options.session?.deferSessionRefresh &&
  (iat + sessionConfig.updateAge + 1) * 1000 <= Date.now();

/** Mints tokens that no answer depends on: a failure, or a database that does not answer, costs only the extension. */
export class Sliding {
  #pausedUntil = 0;

  /** @param onFailure is told of an outage, not of Better Auth's refusals */
  async attempt(
    minting: () => Promise<MintedToken | undefined>,
    onFailure: (error: unknown) => void,
  ): Promise<MintedToken | undefined> {
    if (performance.now() < this.#pausedUntil) return undefined;
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        this.#pausedUntil = performance.now() + PAUSE;
        reject(new Error("no token was minted in time"));
      }, PATIENCE);
    });
    try {
      return await Promise.race([minting(), tooLate]);
    } catch (error) {
      if (!(error instanceof MintingRefused)) onFailure(error);
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  }
}
