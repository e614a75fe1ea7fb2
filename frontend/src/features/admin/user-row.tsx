"use client";

import Link from "next/link";
import { isAdministrator } from "#contract/signed-in.ts";
import type { User } from "#features/admin/admin-api.ts";
import { UserActions } from "#features/admin/user-actions.tsx";
import { isSuspended } from "#features/admin/user-state.ts";
import * as texts from "#texts/admin.ts";
import { Chip } from "#ui/chip.tsx";
import { ExactTime, Time } from "#ui/time.tsx";

/** A user of the list: leads to their own page, and has what an administrator may do to them; nothing to oneself. */
export function UserRow({
  user,
  isOwn,
  onChange,
}: {
  user: User;
  isOwn: boolean;
  onChange: () => Promise<void>;
}) {
  return (
    <li className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3 py-5">
      <div className="min-w-0">
        <p className="flex flex-wrap items-center gap-x-3 gap-y-1 font-semibold">
          <Link
            className="wrap-anywhere underline decoration-border underline-offset-4 hover:decoration-current"
            href={`/admin/users/${encodeURIComponent(user.id)}`}
            prefetch={false}
          >
            <bdi>{user.name}</bdi>
          </Link>
          <UserChips isOwn={isOwn} user={user} />
        </p>
        <p className="mt-1 text-sm leading-6 text-muted wrap-anywhere">
          {user.email}
          {texts.joined}
          <Time at={user.createdAt} />
        </p>
        <Suspension user={user} />
      </div>
      {!isOwn && <UserActions onChange={onChange} user={user} />}
    </li>
  );
}

export function UserChips({ user, isOwn }: { user: User; isOwn: boolean }) {
  return (
    <>
      {isAdministrator(user) && <Chip tone="accent">{texts.administrator}</Chip>}
      {isOwn && <Chip>{texts.you}</Chip>}
    </>
  );
}

/** Until when, and why; nothing for who is not suspended. */
export function Suspension({ user }: { user: User }) {
  if (!isSuspended(user, new Date())) return null;
  const { banExpires: end, banReason: reason } = user;
  const [before, after] = texts.suspendedUntil;
  return (
    <p className="text-sm leading-6 text-danger wrap-anywhere">
      {end ? (
        <>
          {before}
          <ExactTime at={end} />
          {after}
        </>
      ) : (
        texts.suspendedUntilLifted
      )}
      {reason && (
        <>
          {texts.suspendedFor}
          <bdi>{reason}</bdi>
        </>
      )}
    </p>
  );
}
