"use client";

import { useSyncExternalStore } from "react";

const subscribe = () => () => undefined;

/** Whether scripts run here: not on the server, nor while the first rendering is taken over from it. */
export const useIsHydrated = (): boolean =>
  useSyncExternalStore(
    subscribe,
    () => true,
    () => false,
  );
