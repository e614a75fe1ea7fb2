"use client";

import { useCallback, useEffect, useRef, useState } from "react";
import { guarded } from "#client/guarded.ts";
import { sentenceFor } from "#client/messages.ts";

/** What `load` answers with, kept until it is loaded again; `load` must be a stable function. Of several that are under way
 * the last one counts, whichever answers first. `initial`: what the server had already. */
export function useLoaded<T>(load: () => Promise<T>, initial?: T) {
  const [value, setValue] = useState(initial);
  const [failure, setFailure] = useState<string>();
  const last = useRef<Promise<T>>(undefined);

  const reload = useCallback(async () => {
    setFailure(undefined);
    const loading = load();
    last.current = loading;
    try {
      const loaded = await guarded(loading);
      if (last.current === loading) setValue(loaded);
    } catch (error) {
      if (last.current === loading) setFailure(sentenceFor(error));
    }
  }, [load]);

  useEffect(() => {
    if (initial === undefined) void reload();
  }, [reload, initial]);

  return { value, failure, reload };
}
