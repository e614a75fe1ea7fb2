import { Refusal } from "#client/failure.ts";
import { isSigningOut } from "#client/session-api.ts";
import { signInPath } from "#contract/return-to.ts";

/** Waits for a call made in a session. When the session has ended the page goes to sign-in, to come back here, and the
 * promise stays open, so that nothing flashes up meanwhile. */
export async function guarded<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (!(error instanceof Refusal) || error.status !== 401) throw error;
    // Calls that were under way when the person signed out: the page goes elsewhere already.
    if (!isSigningOut()) {
      location.assign(signInPath({ reason: "ended", returnTo: location.pathname + location.search }));
    }
    return await new Promise<never>(() => {});
  }
}
