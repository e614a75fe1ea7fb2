"use client";

import { useCallback, useEffect, useRef, useState } from "react";
import { isRefusal } from "#client/failure.ts";
import { sentenceFor } from "#client/messages.ts";
import type { LabEvent, LabState, Way } from "#contract/lab.ts";
import { Answers } from "#features/lab/answers.ts";
import { eventsOf, issueToken, openLab, revokeToken, setFeed } from "#features/lab/lab-api.ts";

/** Where this tab's lab is remembered, so that a reload finds it again. */
const STORED = "lab";
const ALL_IN_USE = "All labs are in use right now. Try again in a minute.";
/** Milliseconds between two renderings of what the processes answered last. */
const REFRESH = 200;

/** The visitor's lab: opened at once, or found again after a reload. */
export function useLab() {
  const answers = useRef(new Answers()).current;
  const [id, setId] = useState<string>();
  const [state, setState] = useState<LabState>();
  const [failure, setFailure] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const [, setTick] = useState(0);

  const open = useCallback(async (fresh: boolean) => {
    setFailure(undefined);
    try {
      const known = fresh ? null : sessionStorage.getItem(STORED);
      const found = known ?? (await openLab());
      sessionStorage.setItem(STORED, found);
      setId(found);
    } catch (error) {
      setFailure(isRefusal(error, "overloaded") ? ALL_IN_USE : sentenceFor(error));
    }
  }, []);

  useEffect(() => {
    // React mounts twice in development: the first time must leave nothing behind.
    const timer = setTimeout(() => void open(false));
    return () => clearTimeout(timer);
  }, [open]);

  useEffect(() => {
    if (!id) return;
    const source = eventsOf(id);
    let wasThere = false;
    source.onmessage = ({ data }: MessageEvent<string>) => {
      const event = JSON.parse(data) as LabEvent;
      if (event.type === "answers") {
        for (const [process, answer] of event.answers) answers.take(process, answer);
        answers.announce();
      } else if (event.type === "state") {
        wasThere = true;
        if (event.state.phase === "revoking") answers.mark();
        setState(event.state);
      } else {
        source.close();
        sessionStorage.removeItem(STORED);
        setState(undefined);
        setFailure("This lab is over: each lasts half an hour.");
      }
    };
    source.onerror = () => {
      if (source.readyState !== EventSource.CLOSED) return;
      setState(undefined);
      // What a reload remembered may be over by now.
      if (wasThere) setFailure("The connection to the lab was lost.");
      else void open(true);
    };
    const timer = setInterval(() => setTick((tick) => tick + 1), REFRESH);
    return () => {
      clearInterval(timer);
      source.close();
    };
  }, [id, answers, open]);

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
