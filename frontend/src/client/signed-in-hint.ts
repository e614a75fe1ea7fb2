const STORED = "signed-in";

/* Whether this browser is signed in, as far as its pages know: the session itself is out of a script's reach. */

export function rememberSignedIn(isSignedIn: boolean): void {
  try {
    if (isSignedIn) localStorage.setItem(STORED, "1");
    else localStorage.removeItem(STORED);
  } catch {
    return;
  }
}

export function wasSignedIn(): boolean {
  try {
    return localStorage.getItem(STORED) !== null;
  } catch {
    return true;
  }
}
