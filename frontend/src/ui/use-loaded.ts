"use client";

import { useCallback, useEffect, useState } from "react";
import { guarded } from "#client/guarded.ts";
import { sentenceFor } from "#client/messages.ts";

/** What `load` answers with, kept until it is loaded again; `load` must be a stable function. `initial`: what the server had
 * already. */
export function useLoaded<T>(load: () => Promise<T>, initial?: T) {
  const [value, setValue] = useState(initial);
  const [failure, setFailure] = useState<string>();

  const reload = useCallback(async () => {
    setFailure(undefined);
    try {
      setValue(await guarded(load()));
    } catch (error) {
      setFailure(sentenceFor(error));
    }
  }, [load]);

  useEffect(() => {
    if (initial === undefined) void reload();
  }, [reload, initial]);

  return { value, failure, reload };
}
