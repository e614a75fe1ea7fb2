"use client";

import { useEffect } from "react";
import { onSignedIn } from "#client/session-channel.ts";
import { lastSignedIn } from "#client/signed-in-hint.ts";
import { safeReturnTo } from "#contract/return-to.ts";

/** Goes on from a page that is for who is not signed in, once somebody is: in another tab, or before the person went back
 * to this page, which browsers show as it was left. */
export function FollowSignIn() {
  useEffect(() => {
    const goOn = () => location.replace(safeReturnTo(new URLSearchParams(location.search).get("return_to")));
    // As the browser had it from before the sign-in. A reload asks the server, which knows.
    const askAgain = (isOld: boolean) => isOld && lastSignedIn() > 0 && location.reload();
    const look = (event: PageTransitionEvent) => askAgain(event.persisted);
    addEventListener("pageshow", look);
    const stop = onSignedIn(goOn);
    const [{ type }] = performance.getEntriesByType("navigation") as [PerformanceNavigationTiming];
    // The page may have been left and restored before this runs: then it is older than the sign-in.
    askAgain(type === "back_forward" || (type !== "reload" && lastSignedIn() > performance.timeOrigin));
    return () => {
      removeEventListener("pageshow", look);
      stop();
    };
  }, []);
  return null;
}
