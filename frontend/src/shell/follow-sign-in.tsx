"use client";

import { useEffect } from "react";
import { onSignedIn } from "#client/session-channel.ts";
import { safeReturnTo } from "#contract/return-to.ts";

/** Goes on from a page that is for who is not signed in, once somebody is: in another tab, or before the person went back
 * to this page, which browsers show as it was left. */
export function FollowSignIn() {
  useEffect(() => {
    const goOn = () => location.replace(safeReturnTo(new URLSearchParams(location.search).get("return_to")));
    const askAgain = (event: PageTransitionEvent) => event.persisted && location.reload();
    addEventListener("pageshow", askAgain);
    const stop = onSignedIn(goOn);
    const [navigation] = performance.getEntriesByType("navigation");
    // Out of the browser's cache, from before the sign-in. A reload asks the server, which knows.
    if (navigation instanceof PerformanceNavigationTiming && navigation.type === "back_forward")
      location.reload();
    return () => {
      removeEventListener("pageshow", askAgain);
      stop();
    };
  }, []);
  return null;
}
