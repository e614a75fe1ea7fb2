"use client";

import { useSyncExternalStore } from "react";

const subscribe = (changed: () => void) => {
  addEventListener("popstate", changed);
  return () => removeEventListener("popstate", changed);
};

/** A parameter of the page's address; nothing while the page is rendered beforehand, for every address at once. */
export function useQuery(name: string): string | undefined {
  return useSyncExternalStore(
    subscribe,
    () => new URLSearchParams(location.search).get(name) ?? undefined,
    () => undefined,
  );
}
