"use client";

import { useEffect, useState } from "react";

/** Whole seconds that are left of `seconds`, counted down; a new `of` begins anew. */
export function useCountdown(seconds: number | undefined, of: unknown): number {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    // Read anew with each `of`: two refusals may name the same time.
    void of;
    if (!seconds) return setLeft(0);
    const end = Date.now() + seconds * 1000;
    const look = () => setLeft(Math.max(0, Math.ceil((end - Date.now()) / 1000)));
    look();
    const timer = setInterval(look, 250);
    return () => clearInterval(timer);
  }, [seconds, of]);
  return left;
}
