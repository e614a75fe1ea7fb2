"use client";

import { useCallback, useEffect, useRef, useState } from "react";
import { isRefusal } from "#client/failure.ts";
import { sentenceFor } from "#client/messages.ts";
import type { Way } from "#contract/lab.ts";
import { Answers } from "#features/lab/answers.ts";
import { issueToken, openLab, revokeToken, setFeed } from "#features/lab/lab-api.ts";
import { type LabEnd, useLabEvents } from "#features/lab/use-lab-events.ts";
import * as texts from "#texts/lab.ts";

/** Where this tab's lab is remembered, so that a reload finds it again. */
const STORED = "lab";

/** The visitor's lab: opened at once, or found again after a reload. */
export function useLab() {
  const answers = useRef(new Answers()).current;
  const [failure, setFailure] = useState<string>();
  const { id, open } = useOpenedLab(setFailure);
  const { isBusy, run } = useCall(setFailure);

  const onEnd = useCallback(
    (end: LabEnd) => {
      // What a reload remembered may be over by now.
      if (end === "unknown") return void open(true);
      if (end === "over") sessionStorage.removeItem(STORED);
      setFailure(end === "over" ? texts.over : texts.lost);
    },
    [open],
  );
  const state = useLabEvents(id, answers, onEnd);

  return {
    answers,
    state,
    failure,
    isBusy,
    reopen: () => void open(true),
    revoke: (way: Way) => id && void run(() => revokeToken(id, way)),
    issue: () => id && void run(() => issueToken(id)),
    follow: (process: number, following: boolean) => id && void run(() => setFeed(id, process, following)),
  };
}

type Tell = (failure: string | undefined) => void;

/** The id of this tab's lab, once there is one; `open` opens another, a `fresh` one or the one remembered. */
function useOpenedLab(tell: Tell) {
  const [id, setId] = useState<string>();

  const open = useCallback(
    async (fresh: boolean) => {
      tell(undefined);
      try {
        const known = fresh ? null : sessionStorage.getItem(STORED);
        const found = known ?? (await openLab());
        sessionStorage.setItem(STORED, found);
        setId(found);
      } catch (error) {
        tell(isRefusal(error, "overloaded") ? texts.allInUse : sentenceFor(error));
      }
    },
    [tell],
  );

  useEffect(() => {
    // React mounts twice in development: the first time must leave nothing behind.
    const timer = setTimeout(() => void open(false));
    return () => clearTimeout(timer);
  }, [open]);

  return { id, open };
}

/** Makes a call, and tells what went wrong; `isBusy` while one is under way. */
function useCall(tell: Tell) {
  const [isBusy, setBusy] = useState(false);

  const run = useCallback(
    async (call: () => Promise<unknown>) => {
      setBusy(true);
      tell(undefined);
      try {
        await call();
      } catch (error) {
        tell(sentenceFor(error));
      }
      setBusy(false);
    },
    [tell],
  );

  return { isBusy, run };
}
