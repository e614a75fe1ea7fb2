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
  const [id, setId] = useState<string>();
  const [failure, setFailure] = useState<string>();
  const [isBusy, setBusy] = useState(false);

  const open = useCallback(async (fresh: boolean) => {
    setFailure(undefined);
    try {
      const known = fresh ? null : sessionStorage.getItem(STORED);
      const found = known ?? (await openLab());
      sessionStorage.setItem(STORED, found);
      setId(found);
    } catch (error) {
      setFailure(isRefusal(error, "overloaded") ? texts.allInUse : sentenceFor(error));
    }
  }, []);

  useEffect(() => {
    // React mounts twice in development: the first time must leave nothing behind.
    const timer = setTimeout(() => void open(false));
    return () => clearTimeout(timer);
  }, [open]);

  const onEnd = useCallback(
    (end: LabEnd) => {
      if (end === "over") {
        sessionStorage.removeItem(STORED);
        setFailure(texts.over);
      } else if (end === "lost") {
        setFailure(texts.lost);
      } else {
        // What a reload remembered may be over by now.
        void open(true);
      }
    },
    [open],
  );
  const state = useLabEvents(id, answers, onEnd);

  const run = useCallback(async (action: () => Promise<unknown>) => {
    setBusy(true);
    setFailure(undefined);
    try {
      await action();
    } catch (error) {
      setFailure(sentenceFor(error));
    }
    setBusy(false);
  }, []);

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
