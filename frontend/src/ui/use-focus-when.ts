"use client";

import { useEffect, useRef } from "react";

/** A ref for an element that takes the focus as soon as `wanted` becomes true. */
export function useFocusWhen<E extends HTMLElement>(wanted: boolean) {
  const element = useRef<E>(null);
  useEffect(() => {
    if (wanted) element.current?.focus();
  }, [wanted]);
  return element;
}
