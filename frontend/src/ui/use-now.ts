"use client";

import { useSyncExternalStore } from "react";

/** Milliseconds between two looks at the clock. */
const TICK = 10_000;

const listeners = new Set<() => void>();
let now = new Date();
let timer: ReturnType<typeof setInterval> | undefined;

const subscribe = (listener: () => void) => {
  if (!listeners.size) {
    now = new Date();
    timer = setInterval(() => {
      now = new Date();
      for (const tell of listeners) tell();
    }, TICK);
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (!listeners.size) clearInterval(timer);
  };
};

/** The time, which goes on; nothing on the server, whose clock, time zone and language are not the reader's. */
export const useNow = (): Date | undefined =>
  useSyncExternalStore(
    subscribe,
    () => now,
    () => undefined,
  );
