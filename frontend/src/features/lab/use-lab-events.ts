"use client";

import { useEffect, useState } from "react";
import type { LabEvent, LabState } from "#contract/lab.ts";
import type { Answers } from "#features/lab/answers.ts";
import { eventsOf } from "#features/lab/lab-api.ts";

/** Milliseconds between two renderings of what the processes answered last. */
const REFRESH = 200;

/** How the stream of a lab came to its end: told so, cut after it was there, or never there. */
export type LabEnd = "over" | "lost" | "unknown";

/** Follows the lab `id`: its answers go into `answers`, its state is returned. `onEnd` must be a stable function. */
export function useLabEvents(
  id: string | undefined,
  answers: Answers,
  onEnd: (end: LabEnd) => void,
): LabState | undefined {
  const [state, setState] = useState<LabState>();
  const [, setTick] = useState(0);

  useEffect(() => {
    if (!id) return;
    const source = eventsOf(id);
    let wasThere = false;
    const end = (how: LabEnd) => {
      source.close();
      setState(undefined);
      onEnd(how);
    };
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
        end("over");
      }
    };
    source.onerror = () => {
      if (source.readyState === EventSource.CLOSED) end(wasThere ? "lost" : "unknown");
    };
    const timer = setInterval(() => setTick((tick) => tick + 1), REFRESH);
    return () => {
      clearInterval(timer);
      source.close();
    };
  }, [id, answers, onEnd]);

  return state;
}
