"use client";

import { useEffect } from "react";
import { onSignedIn } from "#client/session-channel.ts";
import { wasSignedIn } from "#client/signed-in-hint.ts";
import { safeReturnTo } from "#contract/return-to.ts";

/** Goes on from a page that is for who is not signed in, once somebody is: in another tab, or before the person went back
 * to this page, which browsers show as it was left. */
export function FollowSignIn() {
  useEffect(() => {
    const goOn = () => location.replace(safeReturnTo(new URLSearchParams(location.search).get("return_to")));
    // As the browser had it from before the sign-in. A reload asks the server, which knows.
    const askAgain = (isOld: boolean) => isOld && wasSignedIn() && location.reload();
    const look = (event: PageTransitionEvent) => askAgain(event.persisted);
    addEventListener("pageshow", look);
    const stop = onSignedIn(goOn);
    const [navigation] = performance.getEntriesByType("navigation");
    askAgain(navigation instanceof PerformanceNavigationTiming && navigation.type === "back_forward");
    return () => {
      removeEventListener("pageshow", look);
      stop();
    };
  }, []);
  return null;
}
