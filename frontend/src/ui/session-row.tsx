import type { SessionRecord } from "#client/records.ts";
import * as texts from "#texts/sessions.ts";
import { Button } from "#ui/button.tsx";
import { Chip } from "#ui/chip.tsx";
import { describeDevice, describePlace } from "#ui/describe.ts";
import { Time } from "#ui/time.tsx";

/** A session, and the button that ends it; the one that the page itself is shown in has none. */
export function SessionRow({
  session,
  isPending,
  onEnd,
}: {
  session: SessionRecord;
  isPending: boolean;
  onEnd: () => void;
}) {
  const device = describeDevice(session.device);
  const place = describePlace(session.place, session.ipAddress);
  return (
    <li className="flex items-start justify-between gap-4 py-5 first:pt-0">
      <div className="min-w-0">
        <p className="flex flex-wrap items-center gap-x-3 gap-y-1 font-semibold">
          {device}
          {session.current && <Chip tone="accent">{texts.thisDevice}</Chip>}
        </p>
        <p className="mt-1 text-sm leading-6 text-muted wrap-anywhere">
          {texts.signedIn}
          <Time at={session.createdAt} />
          {texts.lastSeen}
          <Time at={session.lastSeenAt} />
          {place && <span className="block">{place}</span>}
        </p>
      </div>
      {!session.current && (
        <Button
          aria-label={texts.endOf(device)}
          isPending={isPending}
          onClick={onEnd}
          size="sm"
          variant="tertiary"
        >
          {isPending ? texts.ending : texts.end}
        </Button>
      )}
    </li>
  );
}
