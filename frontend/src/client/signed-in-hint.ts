const STORED = "signed-in";

/* When this browser was last seen signed in, as far as its pages know: the session itself is out of a script's reach. */

export function rememberSignedIn(isSignedIn: boolean): void {
  try {
    if (isSignedIn) localStorage.setItem(STORED, String(Date.now()));
    else localStorage.removeItem(STORED);
  } catch {
    return;
  }
}

/** Milliseconds since the epoch; 0: not signed in, 1: that can't be known. */
export function lastSignedIn(): number {
  try {
    return Number(localStorage.getItem(STORED));
  } catch {
    return 1;
  }
}
