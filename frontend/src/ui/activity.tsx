"use client";

import { useCallback, useEffect, useState } from "react";
import { guarded } from "#client/guarded.ts";
import { sentenceFor } from "#client/messages.ts";
import type { EventPage, EventRecord } from "#client/records.ts";
import * as actions from "#texts/actions.ts";
import * as texts from "#texts/activity.ts";
import { Button } from "#ui/button.tsx";
import { describeDevice, describeEvent, describePlace } from "#ui/describe.ts";
import { LoadFailure } from "#ui/load-failure.tsx";
import { RowSkeletons } from "#ui/row-skeletons.tsx";
import { Time } from "#ui/time.tsx";
import { useFocusWhen } from "#ui/use-focus-when.ts";

/** What happened to an account lately. `read` gives the page that begins where `after` says, and is a stable function; give
 * a new `key` to read it all afresh. `initial`: the first page, where the server had it. */
export function Activity({
  read,
  initial,
}: {
  read: (after: string | null) => Promise<EventPage>;
  initial?: EventPage | undefined;
}) {
  const [events, setEvents] = useState(initial?.events);
  const [next, setNext] = useState(initial?.next ?? null);
  const [failure, setFailure] = useState<string>();
  const [isLoading, setLoading] = useState(false);
  const [fresh, setFresh] = useState<string>();

  const load = useCallback(
    async (after: string | null) => {
      setFailure(undefined);
      setLoading(true);
      try {
        const page = await guarded(read(after));
        setEvents((held) => (after && held ? [...held, ...page.events] : page.events));
        setNext(page.next);
        setFresh(after ? page.events[0]?.id : undefined);
      } catch (error) {
        setFailure(sentenceFor(error));
      }
      setLoading(false);
    },
    [read],
  );

  useEffect(() => {
    if (!initial) void load(null);
  }, [load, initial]);

  return (
    <>
      {!events && !failure && <RowSkeletons label={texts.loading} rows={4} />}
      {events && (
        <ol className="divide-y divide-separator">
          {events.map((event) => (
            <EventRow event={event} isFresh={event.id === fresh} key={event.id} />
          ))}
        </ol>
      )}
      {events?.length === 0 && <p className="text-muted">{texts.empty}</p>}
      {failure && <LoadFailure message={failure} onRetry={() => void load(next)} />}
      {next && !failure && (
        <Button className="mt-4" isPending={isLoading} onClick={() => void load(next)} variant="tertiary">
          {isLoading ? actions.loading : texts.older}
        </Button>
      )}
    </>
  );
}

/** With `isFresh`, the first of those that were asked for: it takes the focus. */
function EventRow({ event, isFresh }: { event: EventRecord; isFresh: boolean }) {
  const row = useFocusWhen<HTMLLIElement>(isFresh);
  const from = [
    event.device.browser || event.device.os ? describeDevice(event.device) : undefined,
    describePlace(event.place, event.ipAddress),
  ];
  return (
    <li
      ref={row}
      tabIndex={-1}
      className="flex flex-wrap items-baseline justify-between gap-x-6 gap-y-0.5 py-3.5 outline-none first:pt-0"
    >
      <div className="min-w-0">
        <p className="font-medium wrap-anywhere">{describeEvent(event)}</p>
        <p className="text-sm text-muted wrap-anywhere">{from.filter(Boolean).join(", ")}</p>
      </div>
      <p className="text-sm text-muted">
        <Time at={event.at} />
      </p>
    </li>
  );
}
