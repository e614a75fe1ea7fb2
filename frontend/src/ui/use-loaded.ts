"use client";

import { useCallback, useEffect, useState } from "react";
import { guarded } from "#client/guarded.ts";
import { sentenceFor } from "#client/messages.ts";

/** What `load` answers with, kept until it is loaded again; `load` must be a stable function. */
export function useLoaded<T>(load: () => Promise<T>) {
  const [value, setValue] = useState<T>();
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
    void reload();
  }, [reload]);

  return { value, failure, reload };
}
