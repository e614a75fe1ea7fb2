import type { User } from "#features/admin/admin-api.ts";

export function isSuspended(user: Pick<User, "banned" | "banExpires">, now: Date): boolean {
  return user.banned === true && (user.banExpires === null || Date.parse(user.banExpires) > now.getTime());
}
