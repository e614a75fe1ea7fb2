"use client";

import { useCallback, useEffect, useState } from "react";
import { guarded } from "#client/guarded.ts";
import { sentenceFor } from "#client/messages.ts";
import { type AccountEvent, listActivity } from "#features/account/account-api.ts";
import { describeDevice, describeEvent, describePlace } from "#features/account/describe.ts";
import { Button } from "#ui/button.tsx";
import { LoadFailure } from "#ui/load-failure.tsx";
import { RowSkeletons } from "#ui/row-skeletons.tsx";
import { Time } from "#ui/time.tsx";
import { useFocusWhen } from "#ui/use-focus-when.ts";

/** What happened to the account lately. Give it a new `key` to read it afresh. */
export function Activity() {
  const [events, setEvents] = useState<AccountEvent[]>();
  const [next, setNext] = useState<string | null>(null);
  const [failure, setFailure] = useState<string>();
  const [isLoading, setLoading] = useState(false);
  const [fresh, setFresh] = useState<string>();

  const load = useCallback(async (after: string | null) => {
    setFailure(undefined);
    setLoading(true);
    try {
      const page = await guarded(listActivity(after));
      setEvents((held) => (after && held ? [...held, ...page.events] : page.events));
      setNext(page.next);
      setFresh(after ? page.events[0]?.id : undefined);
    } catch (error) {
      setFailure(sentenceFor(error));
    }
    setLoading(false);
  }, []);

  useEffect(() => {
    void load(null);
  }, [load]);

  return (
    <>
      {!events && !failure && <RowSkeletons label="Loading your activity" />}
      {events && (
        <ol className="divide-y divide-separator">
          {events.map((event) => (
            <EventRow event={event} isFresh={event.id === fresh} key={event.id} />
          ))}
        </ol>
      )}
      {events?.length === 0 && <p className="text-muted">Nothing has happened yet.</p>}
      {failure && <LoadFailure message={failure} onRetry={() => void load(next)} />}
      {next && !failure && (
        <Button className="mt-4" isPending={isLoading} onClick={() => void load(next)} variant="tertiary">
          {isLoading ? "Loading…" : "Show older activity"}
        </Button>
      )}
    </>
  );
}

/** With `isFresh`, the first of those that were asked for: it takes the focus. */
function EventRow({ event, isFresh }: { event: AccountEvent; isFresh: boolean }) {
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
        <p className="font-medium">{describeEvent(event)}</p>
        <p className="text-sm text-muted wrap-anywhere">{from.filter(Boolean).join(", ")}</p>
      </div>
      <p className="text-sm text-muted">
        <Time at={event.at} />
      </p>
    </li>
  );
}
