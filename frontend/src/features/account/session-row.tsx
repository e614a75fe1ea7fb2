import type { AccountSession } from "#features/account/account-api.ts";
import { describeDevice, describePlace } from "#features/account/describe.ts";
import { Button } from "#ui/button.tsx";
import { Chip } from "#ui/chip.tsx";
import { Time } from "#ui/time.tsx";

export function SessionRow({
  session,
  isPending,
  onEnd,
}: {
  session: AccountSession;
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
          {session.current && <Chip tone="accent">This device</Chip>}
        </p>
        <p className="mt-1 text-sm leading-6 text-muted wrap-anywhere">
          Signed in <Time at={session.createdAt} />, last seen <Time at={session.lastSeenAt} />
          {place && <span className="block">{place}</span>}
        </p>
      </div>
      {!session.current && (
        <Button
          aria-label={`End the session of ${device}`}
          isPending={isPending}
          onClick={onEnd}
          size="sm"
          variant="tertiary"
        >
          {isPending ? "Ending…" : "End"}
        </Button>
      )}
    </li>
  );
}
