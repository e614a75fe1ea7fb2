"use client";

import { useRef, useState } from "react";
import { guarded } from "#client/guarded.ts";
import { sentenceFor } from "#client/messages.ts";

/** One thing at a time that a press sets off: `pending` names what is under way, `failure` says why the last one failed,
 * `done` what the last one did. */
export function useAction() {
  const busy = useRef(false);
  const [pending, setPending] = useState<string>();
  const [failure, setFailure] = useState<string>();
  const [done, setDone] = useState<string>();

  /** @param success what to say when it is done, unless the action answers with its own words */
  async function run(name: string, action: () => Promise<unknown>, success?: string): Promise<void> {
    if (busy.current) return;
    busy.current = true;
    setPending(name);
    setFailure(undefined);
    setDone(undefined);
    try {
      const own = await guarded(action());
      setDone(typeof own === "string" ? own : success);
    } catch (error) {
      setFailure(sentenceFor(error));
    }
    busy.current = false;
    setPending(undefined);
  }

  return { pending, failure, done, run };
}
