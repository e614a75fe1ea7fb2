import type { User } from "#features/admin/admin-api.ts";
import * as texts from "#texts/admin.ts";
import { formatDateTime } from "#ui/format.ts";

export function isSuspended(user: Pick<User, "banned" | "banExpires">, now: Date): boolean {
  return user.banned === true && (user.banExpires === null || Date.parse(user.banExpires) > now.getTime());
}

/** "Suspended until …: reason", for a user who is. */
export function describeSuspension({
  banExpires,
  banReason,
}: Pick<User, "banExpires" | "banReason">): string {
  const term = banExpires
    ? texts.suspendedUntil(formatDateTime(new Date(banExpires)))
    : texts.suspendedUntilLifted;
  return banReason ? texts.withReason(term, banReason) : term;
}
